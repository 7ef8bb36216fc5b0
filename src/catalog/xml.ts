import { SaxesParser } from 'saxes';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';

/** An element of an XML document. `text` is its own text, without that of its children, trimmed. */
export interface XmlElement {
  /** Without the namespace prefix. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/**
 * The document's root element. Document type declarations are skipped: nothing is fetched and no entity of theirs is
 * expanded; an entity that XML itself does not define stays as it is written.
 * @throws PlimsollError `catalog/bad-xml`
 */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let elements = 0;

  parser.on('error', ({ message }) => {
    if (!message.includes('undefined entity')) throw badXml(message);
  });
  parser.on('opentag', ({ name, attributes }) => {
    elements++;
    if (elements > limits.xmlElements) throw badXml(`it has more than ${limits.xmlElements} elements`);
    if (open.length >= limits.xmlDepth) throw badXml(`its elements are nested deeper than ${limits.xmlDepth}`);
    const element = { name: localName(name), attributes: new Map(Object.entries(attributes)), children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const addText = (piece: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const element = open.pop();
    if (element !== undefined) element.text = element.text.trim();
  });
  parser.write(text).close();
  if (root === undefined) throw badXml('it has no element');
  return root;
}

/** The first child of that name. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((candidate) => candidate.name === name);
}

/** All grandchildren called `name` in the first child called `list`: `<licenses><license/><license/></licenses>`. */
export function listed(element: XmlElement | undefined, list: string, name: string): readonly XmlElement[] {
  return child(element, list)?.children.filter((candidate) => candidate.name === name) ?? [];
}

/** The text of the first child of that name, if it has any. */
export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  return child(element, name)?.text || undefined;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function badXml(what: string): PlimsollError {
  return new PlimsollError('catalog/bad-xml', `The file is not well-formed XML: ${what.replace(/\.$/, '')}.`, {
    hint: 'Open it in an editor that checks XML, or make it anew with the tool it comes from.',
  });
}
