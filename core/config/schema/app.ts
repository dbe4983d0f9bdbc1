import { z } from "zod";
import { flag, text, word } from "./leaf";
import { filled, list, named, optional, preset, required, section } from "./section";
import { baseAddress, email, linkAddress, themeName, webAddress } from "./texts";

const link = section({
  label: required(text(), "What the link reads."),
  url: required(linkAddress(), "Where it leads."),
});

const institution = section({
  name: required(text(), "Name of the institution, in the footer."),
  url: optional(webAddress(), "Its address."),
});

const devUser = section({
  email: required(email(), "Who the development user is."),
  groups: preset(list(text("name of a group")), [], "Groups the development user is in."),
});

export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;

const logs = section({
  level: preset(word(LOG_LEVELS), "info", "What is logged; LUMEN_LOG_LEVEL goes before it."),
  access: preset(flag(), "true", "One line per request at its end, with ids and cost, never with texts."),
  model: preset(flag(), "false", "A line per health check of a model's endpoint."),
});

export const app = section({
  name: preset(text(), "Lumen", "Name of the service, in the header and in titles."),
  tagline: preset(text(), "", "A line beside the name."),
  secret_key: optional(text("secret"), "Signs what a browser keeps while it is at the sign-in provider. Derived from the pepper when empty.", { restart: true }),
  base_url: optional(baseAddress(), "Address of this service in links, messages and on the connect page.", { presetText: "from the request" }),
  institution: optional(institution, "Institution in the footer."),
  support_email: optional(email(), "Whom people write to."),
  links: preset(list(link), [], "Further links in the footer."),
  about: optional(text("Markdown"), "About this service, on the help page."),
  announcement: preset(text("HTML"), "", "Banner on each page: HTML of a small allow-list."),
  theme: preset(themeName(), "default", "Theme of the pages: a folder of themes."),
  email_themes: filled(named(themeName()), "Themes by the end of the e-mail address, such as `\"@uic.edu\": uic`.", { keyName: "@domain" }),
  github_url: optional(webAddress(), "Link to the project in the footer."),
  gravatar: preset(flag(), "true", "Show Gravatar pictures; the server fetches them, never the browser."),
  debug: preset(flag(), "false", "For development only: detailed errors and the development user.", { restart: true }),
  dev_user: optional(z.union([devUser, email()]), "A user who is signed in without a provider: only with `debug`, from this machine, unforwarded."),
  logs: filled(logs, "What is logged."),
});
