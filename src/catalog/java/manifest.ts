/**
 * The main section of a `META-INF/MANIFEST.MF`, by lower-case attribute name: names are compared without regard to case,
 * and a line that begins with a blank continues the one before (Java SE 21, JAR File Specification, "Name-Value pairs and Sections").
 * Lines that are no attributes are passed over, as Java does with what tools of old have written.
 */
export function parseManifest(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  let name: string | undefined;
  let value: string[] = [];
  const finish = () => {
    if (name !== undefined && !attributes.has(name)) attributes.set(name, value.join('').trim());
  };
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === '') {
      if (name !== undefined) break;
      continue;
    }
    if (line.startsWith(' ')) {
      value.push(line.slice(1));
      continue;
    }
    finish();
    const colon = line.indexOf(':');
    name = colon > 0 ? line.slice(0, colon).trim().toLowerCase() : undefined;
    value = [line.slice(colon + 1)];
  }
  finish();
  return attributes;
}

/**
 * A `pom.properties` that Maven's archiver wrote: Java's properties format (java.util.Properties.load), of which
 * comments, the three separators, continued lines and escapes matter here.
 */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  let pieces: string[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const piece = line.trimStart();
    if (pieces.length === 0 && (piece === '' || piece.startsWith('#') || piece.startsWith('!'))) continue;
    if (isContinued(piece)) {
      pieces.push(piece.slice(0, -1));
      continue;
    }
    addProperty(properties, [...pieces, piece].join(''));
    pieces = [];
  }
  if (pieces.length > 0) addProperty(properties, pieces.join(''));
  return properties;
}

/** An odd number of backslashes at the end: the last one is not itself escaped. */
function isContinued(line: string): boolean {
  let count = 0;
  while (count < line.length && line[line.length - 1 - count] === '\\') count++;
  return count % 2 === 1;
}

function addProperty(properties: Map<string, string>, line: string): void {
  const [, key = '', value = ''] = /^((?:[^\\=:\s]|\\.)*)\s*[=:]?\s*(.*)$/s.exec(line) ?? [];
  properties.set(unescaped(key), unescaped(value).trim());
}

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, char: string | undefined) =>
    code !== undefined ? String.fromCharCode(Number.parseInt(code, 16)) : (char ?? ''),
  );
}
