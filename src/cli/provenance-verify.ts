import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { PlimsollError } from '../error.ts';
import { openStore, parseTarget } from '../image/index.ts';
import { limits } from '../limits.ts';
import {
  type Authority,
  anchoredPattern,
  checkExpected,
  checkPackage,
  checkProvenance,
  type ExpectedProvenance,
  githubJobs,
  isNpmPublication,
  isOnGithub,
  type Match,
  type NpmPackage,
  npmPublication,
  type Outcome,
  outcomeOf,
  type Statement,
  type VerifiedSigner,
  verifyFileStatements,
  verifyImage,
} from '../trust/index.ts';
import { gather, newCommand, oneOf } from './command.ts';
import { exitCodes } from './failure.ts';
import { fileDigests, readInput } from './input-file.ts';
import { checkOutputs, looksFor, type Output, outputOption, writeOutput } from './output.ts';
import { type CheckedProvenance, type ProvenanceAnswer, renderProvenance } from './render/provenance.ts';
import type { Terminal } from './terminal.ts';
import { addTrustOptions, authoritiesOf, namesSomebody, type TrustOptions } from './trusted.ts';

const formats = ['table', 'json'] as const;
const levels = ['1', '2', '3'] as const;
type Level = 1 | 2 | 3;

interface VerifyOptions extends TrustOptions {
  readonly output?: readonly Output<(typeof formats)[number]>[];
  readonly bundle?: string;
  readonly source?: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly ref?: string;
  readonly builder?: string;
  readonly builderPattern?: string;
  readonly level?: (typeof levels)[number];
  readonly trustBuilder?: ReadonlyMap<string, Level>;
  readonly package?: NpmPackage;
  readonly plainHttp?: readonly string[];
  readonly allowRealm?: readonly string[];
}

/** Statements about one artifact that somebody trusted signed, and what else is there. */
interface Found {
  readonly digest: string;
  readonly statements: readonly {
    readonly place: string;
    readonly statement: Statement;
    readonly signer: VerifiedSigner;
  }[];
  readonly rejected: readonly { readonly place: string; readonly error: PlimsollError }[];
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = verifyCommand(terminal);
  await command.parseAsync(args, { from: 'user' });
  const options = command.opts<VerifyOptions>();
  const [artifact, more] = command.args;
  if (artifact === undefined || more !== undefined) {
    throw new PlimsollError('cli/one-target', 'The provenance of one artifact is verified', {
      hint: 'Call "plimsoll provenance verify" once for each.',
    });
  }
  const outputs = options.output ?? [{ format: 'table' }];
  checkOutputs(outputs);
  const expected = expectedIn(options);
  checkExpected(expected);
  const authorities = await authoritiesOf(
    options,
    terminal,
    expected.signerOfRepository === true ? githubJobs() : undefined,
  );
  const found =
    options.bundle === undefined
      ? await ofImage(artifact, authorities, options, terminal)
      : await ofFile(artifact, options.bundle, authorities);
  const answer = answerOf(artifact, found, expected, options.package);
  for (const output of outputs) {
    const text = output.format === 'json' ? jsonText(answer) : renderProvenance(answer, looksFor(output, terminal));
    writeOutput(output, text, terminal);
  }
  return { holds: exitCodes.holds, fails: exitCodes.broken, unknown: exitCodes.unavailable }[answer.outcome];
}

function verifyCommand(terminal: Terminal): Command {
  return addTrustOptions(
    newCommand(
      'provenance verify',
      'Verifies that somebody trusted states how an image or a file was built, and that it was built from this source, branch or tag, by this builder.',
      [
        'plimsoll provenance verify registry.example/app:1.2.0 --key build.pub --source github.com/acme/app --tag v1.2.0',
        'plimsoll provenance verify app.tgz --bundle app.tgz.intoto.jsonl --key build.pub --source github.com/acme/app --level 3',
      ],
      terminal,
    )
      .argument('<image or file>', 'an image in a registry, an OCI layout or archive; with --bundle a file')
      // So that the error can say what to do.
      .allowExcessArguments()
      .option('-o, --output <format[=file]>', `${formats.join(', ')} (default: table)`, outputOption(formats))
      .option(
        '--bundle <file>',
        'of a file: its attestations, as bundles, as lines of them, or as npm’s registry gives them',
      )
      .option('--source <repository>', 'what it must be built from: github.com/acme/app')
      .option('--branch <name>', 'and from which branch')
      .option('--tag <name>', 'or from which tag')
      .option('--ref <ref>', 'or either in full: refs/heads/main')
      .option('--builder <id>', 'who must have built it, exactly')
      .option('--builder-pattern <pattern>', 'the same as a regular expression over the whole of its id')
      .option(
        '--level <level>',
        'the SLSA build level that the builder must be known for, or a higher one',
        oneOf(levels),
      )
      .option('--trust-builder <id=level>', 'a builder whose level you know; repeatable', builderOption)
      .option(
        '--plain-http <host>',
        'speak to this registry without TLS; repeatable (loopback needs no mention)',
        gather,
      )
      .option('--allow-realm <host>', 'a token service elsewhere that may get the credentials; repeatable', gather)
      .option('--package <name@version>', 'the npm package that the file must be', packageOption),
  );
}

function expectedIn(options: VerifyOptions): ExpectedProvenance {
  const { source, branch, tag, ref, builder, builderPattern, level, trustBuilder } = options;
  if (
    [
      [branch, tag, ref],
      [builder, builderPattern],
    ].some((ways) => ways.filter((each) => each !== undefined).length > 1)
  ) {
    throw new PlimsollError('cli/expected-twice', 'Something is expected in two ways', {
      hint: 'Give one of --branch, --tag and --ref, and one of --builder and --builder-pattern.',
    });
  }
  if ([source, builder, builderPattern].every((each) => each === undefined)) {
    throw new PlimsollError('cli/nothing-expected', 'What it must be built from is not said', {
      hint: 'Name the repository: --source github.com/acme/app',
    });
  }
  return {
    repository: source,
    // Jobs of the source itself may speak for it, where nobody else is named.
    signerOfRepository: source !== undefined && !namesSomebody(options) && isOnGithub(source),
    ref: branch !== undefined ? `refs/heads/${branch}` : tag !== undefined ? `refs/tags/${tag}` : ref,
    builder: builderIn(options),
    level: levelOf(level),
    trustedBuilders: trustBuilder,
  };
}

function builderIn({ builder, builderPattern }: VerifyOptions): Match | undefined {
  if (builder !== undefined) return { exact: builder };
  return builderPattern === undefined ? undefined : anchoredPattern(builderPattern);
}

async function ofImage(
  name: string,
  authorities: readonly Authority[],
  options: VerifyOptions,
  terminal: Terminal,
): Promise<Found> {
  const target = await parseTarget(name);
  if (target.kind === 'file' || target.kind === 'sbom' || target.kind === 'dir') {
    throw new PlimsollError('cli/no-bundle', `${name} is no image, and nothing says where its provenance is`, {
      hint: 'Of a file, name the attestations that came with it: --bundle app.tgz.intoto.jsonl',
    });
  }
  const { plainHttp, allowRealm } = options;
  const opened = await openStore(target, { env: terminal.env, plainHttp, allowRealm, stdin: process.stdin });
  try {
    const { digest } = await opened.image();
    const question = { signatures: false, attestations: ['slsaprovenance1', 'slsaprovenance02'] };
    const { verified, rejected } = await verifyImage(opened.store, { digest }, authorities, question);
    return {
      digest,
      statements: verified.flatMap(({ source, content, signer }) =>
        content.kind === 'attestation' ? [{ place: source.place, statement: content.statement, signer }] : [],
      ),
      rejected: rejected.map(({ source, error }) => ({ place: source.place, error })),
    };
  } finally {
    await opened.close();
  }
}

async function ofFile(file: string, bundle: string, authorities: readonly Authority[]): Promise<Found> {
  const digests = await fileDigests(file);
  const document = readInput(bundle, limits.attachmentBytes);
  const { verified, rejected } = await verifyFileStatements(document, digests, authorities);
  const placeOf = (position: number) =>
    verified.length + rejected.length === 1 ? bundle : `${bundle}, no. ${position}`;
  return {
    digest: digests[0] ?? '',
    statements: verified.map(({ position, ...each }) => ({ place: placeOf(position), ...each })),
    rejected: rejected.map(({ position, error }) => ({ place: placeOf(position), error })),
  };
}

function answerOf(
  artifact: string,
  { digest, statements, rejected }: Found,
  expected: ExpectedProvenance,
  asked: NpmPackage | undefined,
): ProvenanceAnswer {
  const publications = statements.filter(({ statement }) => isNpmPublication(statement));
  const published = publications.flatMap(({ statement }) => npmPublication(statement) ?? []);
  const provenance = statements
    .filter((each) => !publications.includes(each))
    .map(({ place, statement, signer }): CheckedProvenance => {
      const checks = [...checkProvenance(statement, signer, expected), ...checkPackage(statement, asked, published)];
      const { predicateType } = statement;
      return { place, signer: signerText(signer), predicateType, outcome: outcomeOf(checks), checks };
    });
  return {
    artifact,
    digest,
    outcome: overall(provenance, rejected),
    provenance,
    rejected: [
      ...rejected.map(({ place, error }) => ({ place, reason: error.message })),
      ...publications
        .filter(({ statement }) => npmPublication(statement) === undefined)
        .map(({ place }) => ({
          place,
          reason: 'It says that something was published, and names its subject otherwise.',
        })),
    ],
  };
}

/** One that holds is enough; where one could hold that could not be read to its end, nobody knows. */
function overall(provenance: readonly CheckedProvenance[], rejected: Found['rejected']): Outcome {
  if (provenance.some(({ outcome }) => outcome === 'holds')) return 'holds';
  const isUnread = rejected.some(({ error }) => error.kind === 'unavailable');
  return isUnread || provenance.some(({ outcome }) => outcome === 'unknown') ? 'unknown' : 'fails';
}

function signerText(signer: VerifiedSigner): CheckedProvenance['signer'] {
  return signer.kind === 'key'
    ? { kind: 'key', name: signer.name, fingerprint: signer.fingerprint }
    : { kind: 'identity', issuer: signer.issuer, identity: signer.identity };
}

function jsonText(answer: ProvenanceAnswer): string {
  return `${JSON.stringify(answer, null, 2)}\n`;
}

function builderOption(given: string, previous: ReadonlyMap<string, Level> = new Map()): ReadonlyMap<string, Level> {
  const equals = given.lastIndexOf('=');
  const level = levelOf(levels.find((each) => each === given.slice(equals + 1)));
  if (equals < 1 || level === undefined)
    throw new InvalidArgumentError('Write it as ID=LEVEL, with a level of 1 to 3.');
  return new Map([...previous, [given.slice(0, equals), level]]);
}

function levelOf(level: (typeof levels)[number] | undefined): Level | undefined {
  return level === undefined ? undefined : level === '1' ? 1 : level === '2' ? 2 : 3;
}

function packageOption(given: string): NpmPackage {
  const at = given.lastIndexOf('@');
  if (at < 1 || at === given.length - 1) throw new InvalidArgumentError('Write it as NAME@VERSION.');
  return { name: given.slice(0, at), version: given.slice(at + 1) };
}
