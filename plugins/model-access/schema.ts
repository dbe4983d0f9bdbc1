import { z } from "zod";

export const parameters = z.object({
  explain: z.boolean().default(true).describe("Name the deciding layer in the message of a refusal."),
});
