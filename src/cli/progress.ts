import type { Terminal } from './terminal.ts';

const everyMs = 100;

/** Shows `text` of the newest state at most ten times a second. */
export function throttledProgress<State>(terminal: Terminal, text: (state: State) => string): (state: State) => void {
  let next = 0;
  return (state) => {
    const now = performance.now();
    if (now < next) return;
    next = now + everyMs;
    terminal.progress(text(state));
  };
}

/** `12.3 MB`, with decimal units as disks and registries count. */
export function bytesText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
