import { z } from "zod";
import { decimal, flag, text, whole, word } from "./leaf";
import { filled, list, named, optional, preset, section } from "./section";
import { pageOrigin, storeAddress, webAddress } from "./texts";

export const store = section({
  url: preset(storeAddress(), "", "Where records are kept: empty for the embedded store in the data folder, postgres://… for PostgreSQL. LUMEN_STORE_URL goes before it.", { restart: true }),
  lease_seconds: preset(whole({ least: 1, most: 3600 }), "60", "On PostgreSQL: how long a node that is not heard of keeps the coins that it set aside. It ends its own streams after two thirds of it.", { restart: true }),
});

export const server = section({
  body_limit_mb: preset(decimal("megabytes", { least: 0.001, most: 1024 }), "64", "Largest body of a request."),
  grace_seconds: preset(decimal("seconds", { least: 0, most: 3600 }), "30", "How long running requests may take to end when the server stops."),
  trust_proxy: preset(flag(), "false", "Believe the forwarding headers: only behind a proxy that sets them.", { restart: true }),
  workers: preset(z.union([word(["auto"]), whole({ least: 1, most: 256 })]), "1", "Processes; `auto` is one per core. More than one needs PostgreSQL.", { restart: true }),
});

const days = () => whole({ least: 0, most: 36_500 });

export const retention = section({
  conversations_days: preset(days(), "0", "Days that conversations are kept, 0 = for ever."),
  usage_days: preset(days(), "0", "Days that single requests are kept, 0 = for ever. Sums stay."),
  audit_days: preset(days(), "0", "Days that the audit log is kept, 0 = for ever."),
});

export const oauth2 = section({
  client_id: optional(text(), "Id of this service at the provider.", { restart: true }),
  client_secret: optional(text("secret"), "Its secret.", { restart: true }),
  server_metadata_url: optional(webAddress(), "The provider's OpenID Connect metadata.", { restart: true }),
  redirect_uri: optional(webAddress(), "Where the provider sends people back to; used as given.", { presetText: "base_url/callback", restart: true }),
  scopes: preset(text(), "openid email profile", "Scopes asked for, with spaces between them.", { restart: true }),
  params: filled(named(text()), "Further parameters of the sign-in address, such as `idphint`.", { keyName: "parameter" }),
  allow_unverified_email: preset(flag(), "false", "Let people in whose provider calls their address unverified."),
});

export const api = section({
  consent: preset(flag(), "true", "Models that need consent need it on the API too; false frees /v1 alone."),
  cors: filled(
    section({
      origins: preset(list(pageOrigin()), ["*"], "Pages whose scripts may call the API: `https://app.example.edu`, or `*` for any. Empty: none."),
    }),
    "Calls from web pages of others.",
  ),
  monitoring: filled(section({ token: optional(text("secret"), "Key that may read the two model routes, and nothing else.") }), "Access for monitoring."),
  prometheus: filled(
    section({
      enabled: preset(flag(), "false", "Serve /metrics."),
      token: optional(text("secret"), "Bearer token that /metrics asks for. Without one only this machine may read it."),
    }),
    "Metrics.",
  ),
});

export const UPLOAD_TYPES = [
  "txt", "md", "csv", "json", "py", "js", "ts", "html", "css", "xml", "yaml", "yml", "pdf", "png", "jpg", "jpeg", "gif", "webp",
] as const;

export const chat = section({
  upload: filled(
    section({
      max_size_mb: preset(decimal("megabytes", { least: 0, most: 1024 }), "10", "Largest file."),
      max_text_chars: preset(whole({ least: 0 }), "100000", "Most characters taken from one file."),
      allowed_extensions: preset(list(text("ending")), UPLOAD_TYPES, "Kinds of files, by their ending; the content is looked at too."),
    }),
    "Files in the chat.",
  ),
});

export const demo = section({
  enabled: preset(flag(), "true", "Serve the built-in model server, the endpoint of url `demo:`."),
});
