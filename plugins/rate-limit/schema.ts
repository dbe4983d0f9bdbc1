import { z } from "zod";

export const parameters = z.object({
  headers: z.boolean().default(true).describe("Send `x-ratelimit-limit-requests`, `-remaining-requests` and `-reset-requests`."),
});
