/** What `Tree` is made of. */
export type Node =
  | {
      readonly kind: 'directory';
      readonly name: string;
      parent: Directory | undefined;
      readonly children: Map<string, Node>;
    }
  | {
      readonly kind: 'file';
      readonly name: string;
      parent: Directory;
      readonly layer: number;
      /** Where the layer's archive has its content; absent where that is its own path. */
      readonly source: string | undefined;
    }
  | {
      readonly kind: 'symlink';
      readonly name: string;
      parent: Directory;
      readonly layer: number;
      readonly target: string;
    }
  | { readonly kind: 'other'; readonly name: string; parent: Directory };
export type Directory = Node & { kind: 'directory' };

/** Whether paths may lead through it. */
export function leadsOn(node: Node | undefined): boolean {
  return node?.kind === 'directory' || node?.kind === 'symlink';
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function pathOf(node: Node): string {
  const names: string[] = [];
  for (let at: Node | undefined = node; at !== undefined && at.name !== ''; at = at.parent) names.push(at.name);
  return names.reverse().join('/');
}
