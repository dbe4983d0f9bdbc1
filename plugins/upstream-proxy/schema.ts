import { z } from "zod";

export const parameters = z.object({
  ping_seconds: z.number().min(0).default(15).describe("A comment is sent after so much silence of a stream, so that nothing between closes it; 0 = never."),
});
