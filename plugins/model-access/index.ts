import { definePlugin } from "../../core/gateway/definePlugin";
import { modelAccess } from "./policy";

export = definePlugin({
  name: "model-access",
  summary: "Reads the request, finds the model it names, and refuses those who may not use it, saying why.",
  policies: [modelAccess],
});
