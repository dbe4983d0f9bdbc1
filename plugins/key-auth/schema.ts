import { z } from "zod";

export const parameters = z.object({
  headers: z
    .array(z.enum(["authorization", "x-api-key", "api-key"]))
    .min(1)
    .default(["authorization", "x-api-key", "api-key"])
    .describe("Headers that may carry the key; `authorization` as a Bearer token."),
});
