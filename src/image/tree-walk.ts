import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Directory, Node } from './tree-node.ts';

/** Of the links that were followed: how many more may be, and the lowest layer that brought one. */
export interface Trail {
  left: number;
  oldest: number;
}

export interface TreeWalk {
  /** Follows links from a node; `undefined` where they lead nowhere or round in a circle. */
  walk(from: Node, trail?: Trail): Node | undefined;
  /** What `path` leads to, symbolic links followed. */
  find(path: string): Node | undefined;
  /** What `path` names; where that is a link, the link. */
  locate(path: string): Node | undefined;
  /** The folder at `path`, where no link is on the way. */
  locateDirectly(path: string): Directory | undefined;
}

export function newTrail(): Trail {
  return { left: limits.symbolicLinkHops, oldest: Number.POSITIVE_INFINITY };
}

/** @throws PlimsollError `image/endless-links` after `maxSteps` folders, over all calls */
export function treeWalk(root: Directory, maxSteps: number): TreeWalk {
  let steps = 0;

  function step(): void {
    if (++steps > maxSteps) throw endlessLinks();
  }

  function walk(from: Node, trail: Trail = newTrail()): Node | undefined {
    let node: Node | undefined = from;
    while (node?.kind === 'symlink') {
      if (trail.left-- === 0) return undefined;
      trail.oldest = Math.min(trail.oldest, node.layer);
      node = descend(node.target.startsWith('/') ? root : node.parent, node.target, trail);
    }
    return node;
  }

  function descend(start: Directory, path: string, trail: Trail): Node | undefined {
    let at: Node = start;
    for (const segment of path.split('/')) {
      step();
      if (segment === '' || segment === '.') continue;
      const folder = walk(at, trail);
      if (folder?.kind !== 'directory') return undefined;
      const next: Node | undefined = segment === '..' ? (folder.parent ?? folder) : folder.children.get(segment);
      if (next === undefined) return undefined;
      at = next;
    }
    return at;
  }

  const locate = (path: string) => descend(root, path, newTrail());

  return {
    walk,
    locate,
    find(path) {
      const node = locate(path);
      return node === undefined ? undefined : walk(node);
    },
    locateDirectly(path) {
      let at = root;
      for (const segment of path === '' ? [] : path.split('/')) {
        step();
        const child = at.children.get(segment);
        if (child?.kind !== 'directory') return undefined;
        at = child;
      }
      return at;
    },
  };
}

function endlessLinks(): PlimsollError {
  return new PlimsollError('image/endless-links', 'The symbolic links lead on and on', {
    hint: 'No ordinary image has such links. Inspect its layers by hand before you trust it.',
  });
}
