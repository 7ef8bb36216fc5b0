import type { Provenance } from './predicate.ts';
import { sameRepository } from './repository.ts';
import { githubIssuer, runnerOf, type StatementSigner } from './signer.ts';
import { githubBuildTypes, type Source } from './source.ts';

/** What is known of the builder that a provenance names. */
export interface Builder {
  readonly id: string;
  /** SLSA build level that it is known for. Absent: not known, which is neither 0 nor 3. */
  readonly level?: 1 | 2 | 3 | undefined;
}

const generator = 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/';
/** Workflows that sign their own provenance. */
const generators = [
  'generator_generic_slsa3.yml',
  'generator_container_slsa3.yml',
  'builder_go_slsa3.yml',
  'builder_docker-based_slsa3.yml',
  'builder_container-based_slsa3.yml',
];
/** Those whose provenance a delegator signs. */
const delegating = [
  'builder_nodejs_slsa3.yml',
  'builder_maven_slsa3.yml',
  'builder_gradle_slsa3.yml',
  'builder_bazel_slsa3.yml',
];
const delegators = ['delegator_generic_slsa3.yml', 'delegator_lowperms-generic_slsa3.yml'];

/** What npm calls GitHub's machines; without an ending in provenance from before it took that of its owners' (slsa-verifier, "npm"). */
const hostedRunners: ReadonlySet<string> = new Set([
  'https://github.com/actions/runner',
  'https://github.com/actions/runner/github-hosted',
]);
const workflow = /^https:\/\/github\.com\/[^/@]+\/[^/@]+\/\.github\/workflows\//i;
const selfHostedRunner = 'https://github.com/actions/runner/self-hosted';

/**
 * The builder of a provenance and what it is known for. Only its own signer can speak for a known builder (SLSA v1.0 provenance,
 * "Builder": specific signer-builder pairs); from any other the builder is unknown.
 *
 * @param trusted build levels by builder id, of builders that the user knows
 */
export function builderOf(
  provenance: Provenance,
  source: Source,
  signer: StatementSigner,
  trusted: ReadonlyMap<string, 1 | 2 | 3> = new Map(),
): Builder | undefined {
  const { builder: id } = provenance;
  if (id === undefined) return undefined;
  const builder = knownBuilder(id, provenance, source, signer);
  return builder && { ...builder, level: trusted.get(id) ?? builder.level };
}

function knownBuilder(
  id: string,
  provenance: Provenance,
  source: Source,
  signer: StatementSigner,
): Builder | undefined {
  if (id.startsWith(generator)) return generatorBuilder(id, signer);
  if (hostedRunners.has(id) || id === selfHostedRunner) return runnerBuilder(id, provenance, source, signer);
  const isWorkflow = workflow.test(id) || githubBuildTypes.has(provenance.buildType ?? '');
  return isWorkflow && signer.kind === 'identity' ? workflowBuilder(id, provenance, signer) : { id };
}

/** slsa-github-generator: releases, which are tags of three numbers, are build level 3. */
function generatorBuilder(id: string, signer: StatementSigner): Builder | undefined {
  if (signer.kind !== 'identity' || signer.issuer !== githubIssuer) return undefined;
  const { name, isRelease } = generatorWorkflow(id);
  const by = generatorWorkflow(signer.identity);
  const isOwn = generators.includes(name) && signer.identity === id;
  const isDelegated =
    delegating.includes(name) && signer.identity.startsWith(generator) && delegators.includes(by.name);
  if (!isOwn && !isDelegated) return undefined;
  return isRelease && by.isRelease ? { id, level: 3 } : { id };
}

function generatorWorkflow(id: string): { readonly name: string; readonly isRelease: boolean } {
  const at = id.indexOf('@');
  const isRelease = at >= 0 && /^refs\/tags\/v\d+\.\d+\.\d+$/.test(id.slice(at + 1));
  return { name: id.slice(generator.length, at < 0 ? undefined : at), isRelease };
}

/** npm's provenance is made by the job that publishes: build level 2 on GitHub's machines (slsa.dev, "npm"). */
function runnerBuilder(
  id: string,
  provenance: Provenance,
  source: Source,
  signer: StatementSigner,
): Builder | undefined {
  if (signer.kind !== 'identity') return { id };
  if (signer.issuer !== githubIssuer) return undefined;
  const runner = runnerOf(provenance, signer);
  const isHosted = hostedRunners.has(id) && (runner === undefined || runner === 'github-hosted');
  return isHosted && isFrom(source, signer) ? { id, level: 2 } : { id };
}

/** GitHub attestations: build level 2 (GitHub, "Artifact attestations"); more only by a workflow of which its user knows more. */
function workflowBuilder(
  id: string,
  provenance: Provenance,
  signer: Extract<StatementSigner, { kind: 'identity' }>,
): Builder | undefined {
  const isOwn = signer.identity === id;
  // A reusable workflow signs under its own name, also what names the workflow that called it.
  if (!isOwn && signer.claims?.get('buildConfigUri') !== id) return undefined;
  const isGithub = signer.issuer === githubIssuer && githubBuildTypes.has(provenance.buildType ?? '');
  const isKnown = isOwn && isGithub && runnerOf(provenance, signer) === 'github-hosted';
  return isKnown ? { id, level: 2 } : { id };
}

/** Whether the signer's certificate was given to a job of the source's repository. */
function isFrom({ repository }: Source, signer: Extract<StatementSigner, { kind: 'identity' }>): boolean {
  if (repository === undefined) return false;
  const [, signing] = /^(https:\/\/github\.com\/[^/@]+\/[^/@]+)\/\.github\/workflows\//.exec(signer.identity) ?? [];
  const from = signer.claims?.get('sourceRepositoryUri') ?? signing;
  return from !== undefined && sameRepository(from, repository);
}
