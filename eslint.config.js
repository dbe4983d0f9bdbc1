const js = require("@eslint/js");
const tseslint = require("typescript-eslint");

/** Size limits are part of the house style: docs/adr/0001. */
module.exports = tseslint.config(
  { ignores: ["dist/**", "node_modules/**", "public/vendor/**", "data/**"] },
  js.configs.recommended,
  { files: ["**/*.js"], languageOptions: { sourceType: "commonjs", globals: { require: "readonly", module: "writable", process: "readonly", console: "readonly", __dirname: "readonly", fs: "readonly" } } },
  {
    files: ["public/js/**/*.js"],
    languageOptions: {
      sourceType: "script",
      globals: Object.fromEntries(["document", "window", "navigator", "localStorage", "htmx", "setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "requestAnimationFrame", "fetch", "EventSource", "location", "Event", "XMLHttpRequest", "DOMParser", "FormData", "DataTransfer", "MutationObserver", "ResizeObserver", "Intl", "CustomEvent", "URL", "URLSearchParams"].map((name) => [name, "readonly"])),
    },
  },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: __dirname } },
    rules: {
      "max-lines": ["error", { max: 300, skipBlankLines: false, skipComments: false }],
      "max-lines-per-function": ["error", { max: 70, skipComments: true }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/require-await": "off",
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  {
    files: ["**/*.test.ts", "tests/**/*.ts", "bench/**/*.ts"],
    rules: {
      "max-lines-per-function": "off",
      "@typescript-eslint/no-unused-expressions": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  { files: ["bin/**/*.ts", "bench/**/*.ts", "scripts/**/*.ts"], rules: { "no-console": "off" } },
);
