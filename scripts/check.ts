/** `npm test`: types, lint, room boundaries, unused code, then the build and every test. Stops at the first that fails. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const tests = globSync(['src/**/*.test.ts', 'test/**/*.test.ts']).sort();

const steps: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['types', 'tsc', '-p', '.'],
  ['lint', 'biome', 'ci', '--reporter=summary', '.'],
  ['room boundaries', 'depcruise', '--output-type', 'err', 'src'],
  ['unused code', 'knip'],
  ['build', 'rolldown', '-c', 'rolldown.config.js', '--log-level', 'warn'],
  [
    'tests',
    'node',
    '--import',
    // Workers import it too, from whatever folder a test has gone to.
    import.meta.resolve('./fixed-seed.ts'),
    '--test',
    `--test-concurrency=${availableParallelism()}`,
    ...tests,
  ],
];

for (const [name, command, ...args] of steps) {
  const started = performance.now();
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error !== undefined || status !== 0) {
    console.error(`\n${name}: failed${error === undefined ? '' : ` (${error.message})`}`);
    process.exit(status ?? 1);
  }
  // The test runner's own summary is the last word.
  if (name !== 'tests') console.log(`${name}: passed in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
