import type { Operation } from "../../../core/domain/ledgerEntry";
import { ChatStream } from "./chatStream";
import { MediaStream } from "./mediaStream";
import { MessagesStream } from "./messagesStream";
import { ResponsesStream } from "./responsesStream";
import type { StreamCall, StreamProtocol } from "./streamProtocol";

/** Begins a stream in the protocol of its operation. */
export function openProtocol(operation: Operation, call: StreamCall): StreamProtocol {
  switch (operation) {
    case "responses": return new ResponsesStream(call);
    case "messages": return new MessagesStream(call);
    case "transcriptions": case "translations": case "speech": case "images": return new MediaStream(call, operation);
    default: return new ChatStream(call, operation);
  }
}
