import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

/** One place where a source file takes something from another module. */
export interface ImportLine {
  readonly line: number;
  /** As written: `../domain/coins`, `node:fs`, `zod`. */
  readonly from: string;
  /** Nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
}

const FOLDERS = ["core", "plugins", "bin", "tests", "bench", "scripts"];

/** Every TypeScript source of the project, by its path from the root, with forward slashes. */
export function sourceFiles(root: string): string[] {
  const found = ["server.ts"];
  for (const folder of FOLDERS) {
    for (const name of list(path.join(root, folder))) {
      if (name.endsWith(".ts")) found.push(path.posix.join(folder, name.split(path.sep).join("/")));
    }
  }
  return found.sort();
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
}

/** Imports and exports of other modules, `import(…)`, `require(…)`, and types taken by `import("…")`. */
export function importsOf(root: string, file: string): ImportLine[] {
  const source = ts.createSourceFile(file, readFileSync(path.join(root, file), "utf8"), ts.ScriptTarget.ES2022);
  const found: ImportLine[] = [];
  const add = (node: ts.Node, name: ts.Node | undefined, typeOnly: boolean) => {
    if (!name || !ts.isStringLiteral(name)) return;
    found.push({ line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, from: name.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeImport(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly || areTypes(node.exportClause));
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, true);
    else if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || isRequire(node.expression))) add(node, node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  return clause.isTypeOnly || (!clause.name && areTypes(clause.namedBindings));
}

function areTypes(names: ts.Node | undefined): boolean {
  if (!names || !(ts.isNamedImports(names) || ts.isNamedExports(names)) || names.elements.length === 0) return false;
  return (names.elements as readonly (ts.ImportSpecifier | ts.ExportSpecifier)[]).every(({ isTypeOnly }) => isTypeOnly);
}

function isRequire(expression: ts.Expression): boolean {
  return ts.isIdentifier(expression) && expression.text === "require";
}
