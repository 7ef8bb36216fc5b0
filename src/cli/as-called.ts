const called =
  /(?<!npx )\bplimsoll(?= (?:scan|sbom|gate|keys|sign|attest|sign-blob|attest-blob|verify|verify-attestation|verify-blob|verify-blob-attestation|tree|copy|save|load|provenance|db|policy|quickstart|version|help)\b)/g;

/**
 * Commands in a text for people, in the words by which this one was called. What npm runs (`npx plimsoll`, `npm start`) a
 * shell often does not find by its bare name; npm says that it was npm in `npm_execpath`.
 */
export function asCalled(text: string, env: NodeJS.ProcessEnv): string {
  return env['npm_execpath'] === undefined ? text : text.replace(called, 'npx plimsoll');
}
