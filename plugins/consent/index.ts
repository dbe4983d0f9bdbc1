import { definePlugin } from "../../core/gateway/definePlugin";
import { consent } from "./policy";

export = definePlugin({
  name: "consent",
  summary: "Refuses a model that needs an acknowledgement until its notice was accepted.",
  policies: [consent],
});
