import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anchoredPattern } from '../match.ts';
import type { Statement } from '../statement.ts';
import { checkProvenance, type ExpectedProvenance, outcomeOf } from './check.ts';
import type { StatementSigner } from './signer.ts';
import {
  byJob,
  byKey,
  delegatedProvenance,
  generatorId,
  generatorProvenance,
  githubProvenance,
  gitlabNpmProvenance,
  npmPublish,
  workflow,
} from './testing.ts';

const repository = 'github.com/acme/app';
const generic = generatorId('generator_generic_slsa3.yml');

function summary(statement: Statement, signer: StatementSigner, expected: ExpectedProvenance): string {
  return checkProvenance(statement, signer, expected)
    .map(({ name, outcome }) => `${name} ${outcome}`)
    .join(', ');
}

test('each thing that is expected is a check of its own, and holds, fails or is unknown', () => {
  const cases: readonly [Statement, StatementSigner, ExpectedProvenance, string][] = [
    [githubProvenance(), byJob(), { repository }, 'source holds'],
    [githubProvenance(), byJob(), { repository: 'github.com/acme/ap' }, 'source fails'],
    [githubProvenance(), byJob(), { repository: 'github.com/acme/app-2' }, 'source fails'],
    [githubProvenance(), byJob(), { ref: 'refs/heads/main' }, 'ref holds'],
    [githubProvenance(), byJob(), { ref: 'refs/heads/mai' }, 'ref fails'],
    [githubProvenance(), byJob(), { ref: 'refs/heads/Main' }, 'ref fails'],
    [githubProvenance(), byJob(), { ref: 'refs/tags/main' }, 'ref fails'],
    [githubProvenance(), byJob(), { builder: { exact: workflow } }, 'builder holds'],
    [githubProvenance(), byJob(), { builder: { exact: workflow.slice(0, -1) } }, 'builder fails'],
    [githubProvenance(), byJob(), { builder: anchoredPattern('https://github\\.com/acme/.+') }, 'builder holds'],
    [githubProvenance(), byJob(), { builder: anchoredPattern('https://github\\.com/acme/') }, 'builder fails'],
    [githubProvenance(), byJob(), { level: 2 }, 'level holds'],
    [githubProvenance(), byJob(), { level: 3 }, 'level fails'],
    [githubProvenance(), byJob(), { level: 3, trustedBuilders: new Map([[workflow, 3]]) }, 'level holds'],
    [githubProvenance(), byKey, { level: 1 }, 'level unknown'],
    [generatorProvenance(), byJob(generic), { repository, level: 3 }, 'source holds, level holds'],
    [generatorProvenance(), byKey, { builder: { exact: generic }, level: 1 }, 'builder fails, level fails'],
    [generatorProvenance({ material: 'x' }), byJob(generic), { repository }, 'source unknown'],
    [
      delegatedProvenance({ source: 'git+https://github.com/acme/app' }),
      byKey,
      { ref: 'refs/heads/main' },
      'ref unknown',
    ],
    [gitlabNpmProvenance({}), byKey, { repository: 'gitlab.com/acme/tools/app' }, 'source holds'],
    [npmPublish(), byKey, { repository }, 'type fails'],
    [
      githubProvenance(),
      byJob(workflow, { sourceRepositoryRef: 'refs/heads/evil' }),
      { repository },
      'certificate fails',
    ],
  ];
  for (const [statement, signer, expected, result] of cases) {
    assert.equal(summary(statement, signer, expected), result, JSON.stringify(expected));
  }
});

test('a signer whom nobody named has to be a job of the source', () => {
  const expected = { repository, signerOfRepository: true };
  const evil = byJob(generic, { sourceRepositoryUri: 'https://github.com/evil/app' });
  assert.equal(summary(generatorProvenance(), byJob(generic), expected), 'signer holds, source holds');
  assert.equal(summary(generatorProvenance(), evil, expected), 'certificate fails');
  assert.equal(summary(generatorProvenance({ material: 'x' }), evil, expected), 'signer fails, source unknown');
  assert.equal(summary(generatorProvenance(), byKey, expected), 'signer unknown, source holds');
});

test('nothing holds that was not asked, and no checks are no answer', () => {
  for (const expected of [{}, { signerOfRepository: true }, { trustedBuilders: new Map() }]) {
    assert.throws(() => checkProvenance(githubProvenance(), byJob(), expected), { code: 'trust/nothing-expected' });
  }
  assert.equal(outcomeOf([]), 'unknown');
});

test('a repository that names none is refused', () => {
  for (const repository of ['acme/app', '', 'https://github.com/acme']) {
    assert.throws(() => checkProvenance(githubProvenance(), byJob(), { repository }), { code: 'trust/bad-repository' });
  }
});

test('one check that fails makes all fail, one that is unknown makes none hold', () => {
  const checks = (...outcomes: readonly ('holds' | 'fails' | 'unknown')[]) =>
    outcomes.map((outcome) => ({ name: 'ref', outcome, message: '' }) as const);
  assert.equal(outcomeOf(checks('holds', 'holds')), 'holds');
  assert.equal(outcomeOf(checks('holds', 'unknown')), 'unknown');
  assert.equal(outcomeOf(checks('holds', 'fails', 'unknown')), 'fails');
});
