import type { MemberHandler, PageRoute } from "../visit";
import { branch, edit, regenerate, remove, rename, saveSettings, stop } from "./change";
import { events } from "./events";
import { conversationFile, upload, waitingFile } from "./files";
import { send } from "./send";
import { exportJson, exportMarkdown, list, search, showMessage } from "./showParts";
import { newChat, showChat } from "./showChat";

const get = (path: string, handler: MemberHandler): PageRoute => ({ method: "GET", path, audience: "member", handler });
const post = (path: string, handler: MemberHandler, multipart = false): PageRoute => ({ method: "POST", path, audience: "member", handler, multipart });

export const chatRoutes: readonly PageRoute[] = [
  get("/chat", newChat),
  post("/chat", send, true),
  get("/chat/list", list),
  get("/chat/search", search),
  post("/chat/uploads", upload, true),
  get("/chat/uploads/files/:file", waitingFile),
  get("/chat/:id", showChat),
  get("/chat/:id/messages/:message", showMessage),
  post("/chat/:id/messages", send, true),
  post("/chat/:id/regenerate/:message", regenerate),
  post("/chat/:id/edit/:message", edit),
  post("/chat/:id/branch/:message", branch),
  post("/chat/:id/stop/:message", stop),
  post("/chat/:id/rename", rename),
  post("/chat/:id/delete", remove),
  post("/chat/:id/settings", saveSettings),
  get("/chat/:id/events/:message", events),
  get("/chat/:id/files/:file", conversationFile),
  get("/chat/:id/export.md", exportMarkdown),
  get("/chat/:id/export.json", exportJson),
];
