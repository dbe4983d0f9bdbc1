import { asMap, asText, type ConfigTree, type TreePath } from "../configTree";
import { didYouMean } from "../suggest";

/** Themes that are not there, and a sign-in of which half is missing. */
export function checkApp(tree: ConfigTree, themes: readonly string[] | undefined): void {
  if (themes) {
    checkTheme(tree, ["app", "theme"], themes);
    for (const domain of Object.keys(asMap(tree.get(["app", "email_themes"])) ?? {})) checkTheme(tree, ["app", "email_themes", domain], themes);
  }
  const oauth2 = asMap(tree.root["oauth2"]);
  const has = (key: string): boolean => (asText(oauth2?.[key]) ?? "") !== "";
  if (has("client_id") !== has("server_metadata_url")) {
    const missing = has("client_id") ? "server_metadata_url" : "client_id";
    tree.warn(tree.atKey(["oauth2"]), `oauth2.${missing} is not set: nobody can sign in with the provider.`);
  }
}

function checkTheme(tree: ConfigTree, path: TreePath, themes: readonly string[]): void {
  const theme = asText(tree.get(path))?.trim();
  if (theme === undefined || themes.includes(theme)) return;
  tree.error(tree.at(path), `There is no theme "${theme}".${didYouMean(theme, themes) || ` Themes: ${themes.join(", ")}.`}`);
}
