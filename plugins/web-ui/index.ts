import { definePlugin } from "../../core/gateway/definePlugin";
import { mountPages } from "./mountPages";

/** The browser side: server-rendered pages, mounted beside the API's pipelines. */
export = definePlugin({
  name: "web-ui",
  summary: "the pages that members, managers and administrators use",
  policies: [],
  routes: mountPages,
});
