import { predicateTypeName } from '../../sbom/index.ts';
import type { AttachedNode, ClaimedSigner, TreeNode } from '../../trust/index.ts';
import { type Looks, lineOf, type Piece, wholeLine, wrapped } from './layout.ts';
import { count, shortDigest } from './text.ts';
import { signerJson, signerText } from './verification.ts';

interface Branch {
  readonly label: readonly Piece[];
  readonly branches: readonly Branch[];
}

export function renderTree(name: string, tree: TreeNode, looks: Looks): string {
  const { label, branches } = branchOf(tree);
  const attached = countOf(tree);
  const lines = [
    wholeLine(looks, ['bold', name]),
    wholeLine(looks, ...label),
    ...branchLines(branches, '', looks),
    '',
    ...wrapped(
      looks,
      attached === 0
        ? 'Nothing is attached. "plimsoll sign" and "plimsoll attest" attach signatures and statements.'
        : isVerified(tree)
          ? `${count(attached, 'attachment')}.`
          : `${count(attached, 'attachment')}. Who signed is what they claim: name --key or --identity to verify it.`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function branchLines(branches: readonly Branch[], indent: string, looks: Looks): readonly string[] {
  return branches.flatMap(({ label, branches: more }, index) => {
    const isLast = index === branches.length - 1;
    return [
      lineOf(looks, ['dim', `${indent}${isLast ? '└─ ' : '├─ '}`], ...label),
      ...branchLines(more, `${indent}${isLast ? '   ' : '│  '}`, looks),
    ];
  });
}

function branchOf({ digest, kind, platform, attached, children }: TreeNode): Branch {
  const what =
    kind === 'index'
      ? `index of ${count(children.length, 'image')}`
      : platform === undefined
        ? 'image'
        : [platform.os, platform.architecture, ...(platform.variant === undefined ? [] : [platform.variant])].join('/');
  return {
    label: [
      ['cyan', what],
      ['dim', `  ${digest}`],
    ],
    branches: [...attached.map(attachedBranch), ...children.map(branchOf)],
  };
}

/** What can be cut off on a narrow terminal stands last. */
function attachedBranch(node: AttachedNode): Branch {
  const { source, attached } = node;
  const [what, ...more] = labelOf(node);
  const place: Piece = ['dim', `  ${source.form === 'legacy' ? 'tag ' : ''}${placeText(source.place)}`];
  return { label: [what, place, ...more], branches: attached.map(attachedBranch) };
}

function labelOf(node: AttachedNode): readonly [what: Piece, ...more: Piece[]] {
  switch (node.kind) {
    case 'other':
      return [node.artifactType, `  ${node.size.toLocaleString('en-US')} bytes`];
    case 'broken':
      return [
        ['red', 'unreadable'],
        ['red', `  ${node.error.message}`],
      ];
    case 'signed': {
      const { content, signer, proof } = node;
      const type = content.kind === 'signature' ? undefined : content.statement.predicateType;
      const what = type === undefined ? 'signature' : `attestation ${predicateTypeName(type) ?? type}`;
      if (proof === undefined) return [what, `  by ${claimText(signer)}`];
      if (proof.kind === 'not-verified') return [what, '  ', ['red', 'not verified'], `  by ${claimText(signer)}`];
      return [what, '  ', ['green', 'verified'], `  by ${proof.signers.map(signerText).join(', ')}`];
    }
  }
}

function claimText(signer: ClaimedSigner): string {
  switch (signer.kind) {
    case 'key':
      return signer.hint === undefined ? 'a key' : `the key ${signer.hint}`;
    case 'identity':
      return `${signer.identity} (${signer.issuer})`;
    case 'unreadable':
      return 'somebody whose certificate cannot be read';
  }
}

function placeText(place: string): string {
  return place.includes(':') ? shortDigest(place) : place.replace(/^(sha256-[0-9a-f]{12})[0-9a-f]+/, '$1…');
}

function countOf({ attached, children }: TreeNode): number {
  const below = (nodes: readonly AttachedNode[]): number =>
    nodes.reduce((sum, node) => sum + 1 + below(node.attached), 0);
  return below(attached) + children.reduce((sum, child) => sum + countOf(child), 0);
}

function isVerified({ attached, children }: TreeNode): boolean {
  return attached.some((node) => node.kind === 'signed' && node.proof !== undefined) || children.some(isVerified);
}

/** `docs/signing.md` describes it. */
export function treeJson(name: string, tree: TreeNode): string {
  return `${JSON.stringify({ image: name, ...nodeJson(tree) }, null, 2)}\n`;
}

function nodeJson({ digest, size, kind, platform, attached, children }: TreeNode): object {
  return {
    kind,
    digest,
    size,
    ...(platform !== undefined && { platform }),
    attached: attached.map(attachedJson),
    ...(kind === 'index' && { images: children.map(nodeJson) }),
  };
}

function attachedJson(node: AttachedNode): object {
  const attached = node.attached.map(attachedJson);
  const { source } = node;
  if (node.kind === 'other')
    return { kind: node.kind, ...source, artifactType: node.artifactType, size: node.size, attached };
  if (node.kind === 'broken')
    return { kind: node.kind, ...source, code: node.error.code, reason: node.error.message, attached };
  const { content, signer, proof } = node;
  return {
    kind: content.kind,
    ...source,
    ...(content.kind === 'attestation' && { predicateType: content.statement.predicateType }),
    claimedSigner: signer,
    ...(proof?.kind === 'verified' && { verified: proof.signers.map(signerJson) }),
    ...(proof?.kind === 'not-verified' && { notVerified: { code: proof.error.code, reason: proof.error.message } }),
    attached,
  };
}
