// Preloaded into a gateway under test (`node --require`): its log is written in pieces, a quarter of a second late; here at once.
import pino from "pino";

const loggers = pino as { destination: typeof pino.destination };
const { destination } = pino;
loggers.destination = (options) => destination({ ...(options as object), minLength: 0, periodicFlush: 0 });
