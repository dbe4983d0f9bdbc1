import type { z } from "zod";
import { app } from "./app";
import { api, chat, demo, oauth2, retention, server, store } from "./host";
import { leaf } from "./leaf";
import { models } from "./models";
import { clients, groups, users } from "./owners";
import { coinRules, consent, defaults, rateLimiting } from "./rates";
import { filled, list, optional, preset, section } from "./section";
import { email } from "./texts";

const version = leaf<number>({ label: "1 or 2", json: { enum: [1, 2] } }, (text) =>
  text === "1" || text === "2" ? { value: Number(text) } : { problem: "This must be 1 or 2: the versions of the format that are known here." });

/** config.yaml. Its types, its validation, config.schema.json and the tables of keys all come from here. */
export const configSchema = section({
  version: optional(version, "Version of the file's format."),
  app: filled(app, "Name, look and texts of the service."),
  store: filled(store, "Where records are kept."),
  server: filled(server, "Limits of the server."),
  retention: filled(retention, "How long records are kept."),
  oauth2: filled(oauth2, "Sign-in by OpenID Connect."),
  admins: preset(list(email()), [], "Who may do everything, by e-mail address. Checked on each request."),
  api: filled(api, "The API."),
  chat: filled(chat, "The chat."),
  rate_limiting: filled(rateLimiting, "How often an owner may ask."),
  coins: filled(coinRules, "Rules about coins."),
  consent: filled(consent, "Rules about consent."),
  defaults: filled(defaults, "What holds where no other layer says anything."),
  groups,
  users,
  clients,
  models,
  demo: filled(demo, "The built-in model server."),
});

/** The file as the schema reads it. */
export type ConfigFile = z.output<typeof configSchema>;
