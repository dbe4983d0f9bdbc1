import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import Handlebars from "handlebars";
import { templateFunctions } from "./templateFunctions";

/** The templates of a folder: pages and the partials that they share with htmx swaps. */
export interface Views {
  /**
   * @param view the template's path below the folder, without `.hbs`: `profile/show`
   * @throws Error where there is no such template
   */
  render(view: string, model: object): string;
}

export interface ViewsOptions {
  readonly folder: string;
  /** The address of a file that is served with its hash. */
  readonly assetUrl: (name: string) => string;
}

/** Reads and compiles all templates once; each is a partial too, under its path: `{{> partials/table}}`. */
export function openViews({ folder, assetUrl }: ViewsOptions): Views {
  const handlebars = Handlebars.create();
  handlebars.registerHelper(templateFunctions(assetUrl));
  const compiled = new Map<string, Handlebars.TemplateDelegate>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".hbs")) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, file).slice(0, -".hbs".length).split(path.sep).join("/");
    const template = handlebars.compile(readFileSync(file, "utf8"), { preventIndent: true });
    compiled.set(name, template);
    handlebars.registerPartial(name, template);
  }
  return {
    render(view, model) {
      const template = compiled.get(view);
      if (!template) throw new Error(`there is no view ${view}`);
      return template(model);
    },
  };
}

/** Marks text as HTML that was made safe: everything else is escaped where it is put into a page. */
export function safeHtml(html: string): object {
  return new Handlebars.SafeString(html);
}
