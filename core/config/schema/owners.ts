import { leaf, text } from "./leaf";
import { filled, list, named, optional, preset, required, section } from "./section";
import { accessWord, pool } from "./rates";

const names = () => list(text("name of a model"));

/** Lists of names by the words of both versions of the file (A3, A5). */
export const modelAccess = section({
  default: optional(accessWord(), "For models that are in no list: whitelist, blacklist or graylist."),
  whitelist: optional(names(), "Models that may be used."),
  blacklist: optional(names(), "Models that may not be used."),
  graylist: optional(names(), "Models that may be used once consent is recorded."),
  allowed: optional(names(), "The same as whitelist."),
  blocked: optional(names(), "The same as blacklist."),
  needs_ack: optional(names(), "The same as graylist."),
});

const nonEmpty = (label: string) => leaf<string>({ label, json: { type: ["string", "number", "boolean"] } }, (value) =>
  value.trim() === "" ? { problem: "This must not be empty: nothing could match it." } : { value });

const rule = section({
  field: required(nonEmpty("name of a claim"), "The claim of the sign-in that is looked at."),
  equals: optional(nonEmpty("text"), "The claim is exactly this."),
  contains: optional(nonEmpty("text"), "The claim holds this, or it is an element of the claim's list."),
});

export const groups = filled(
  named(
    section({
      ...pool,
      rules: preset(list(rule), [], "Who signs in with claims that match all of these is in the group."),
      model_access: optional(modelAccess, "Models of the group."),
    }),
  ),
  "Named sets of owners with settings of their own. Everyone is in `default`, if there is one.",
  { keyName: "name" },
);

const owner = section({
  groups: preset(list(text("name of a group")), [], "Groups the owner is in."),
  ...pool,
  model_access: optional(modelAccess, "Models of the owner."),
});

export const users = filled(
  named(owner),
  "People by e-mail address, and `default`. An entry replaces only what it sets.",
  { keyName: "email" },
);

export const clients = filled(
  named(owner),
  "Clients by name, and `default`. A named entry replaces `default` whole; an empty one means it.",
  { keyName: "name" },
);
