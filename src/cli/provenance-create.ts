import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { PlimsollError } from '../error.ts';
import { openStore, parseTarget } from '../image/index.ts';
import { limits } from '../limits.ts';
import { predicateTypeUri, readSbom } from '../sbom/index.ts';
import {
  annotationsIn,
  attest,
  type Build,
  baseImageMaterial,
  baseImageOf,
  buildOfEnvironment,
  describedBuild,
  labelsInSbom,
  lockFileMaterial,
  lockFilesIn,
  type Material,
  provenancePredicate,
  type Subject,
  statementBytes,
} from '../trust/index.ts';
import { gather, newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { readInput, unreadableInput } from './input-file.ts';
import { checkOutputs, type Output, outputOption, writeOutput } from './output.ts';
import { shown } from './render/text.ts';
import { addSigningOptions, checkUnsigned, type SigningOptions, sealerOf } from './signing.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

const formats = ['predicate', 'statement'] as const;

interface CreateOptions extends SigningOptions {
  readonly attest?: string;
  readonly plainHttp?: readonly string[];
  readonly allowRealm?: readonly string[];
  readonly output?: readonly Output<(typeof formats)[number]>[];
  readonly subject?: readonly string[];
  readonly sbom?: readonly string[];
  readonly lockFile?: readonly string[];
  readonly baseImage?: readonly string[];
  readonly sourceFolder: string;
  readonly source?: string;
  readonly ref?: string;
  readonly commit?: string;
  readonly builder?: string;
  readonly buildType?: string;
  readonly parameter?: readonly (readonly [string, string])[];
  readonly invocationId?: string;
  readonly startedOn?: string;
  readonly finishedOn?: string;
}

/** What is said of a build together: in a CI system its surroundings say it, unless all of it is said by options. */
const described = ['source', 'ref', 'commit', 'buildType', 'parameter'] as const;

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = addSigningOptions(
    newCommand(
      'provenance create',
      'Writes SLSA provenance v1 of the build that it is a step of: as a predicate for "plimsoll attest", as a statement about files, or signed onto an image.',
      [
        'plimsoll provenance create --sbom app.cdx.json -o predicate=provenance.json',
        'plimsoll provenance create --attest registry.example/app@sha256:… --key build.key',
        'plimsoll provenance create --subject dist/app.tgz -o statement',
        'plimsoll provenance create --source https://git.example/acme/app --ref refs/heads/main --commit "$(git rev-parse HEAD)" --builder https://ci.example/builders/1',
      ],
      terminal,
    )
      .option('-o, --output <format[=file]>', `${formats.join(', ')} (default: predicate)`, outputOption(formats))
      .option('--subject <file>', 'of a statement: what was built; repeatable', gather)
      .option(
        '--sbom <file>',
        'an SBOM of the source or the image: names lock files and the base image; repeatable',
        gather,
      )
      .option('--lock-file <file>', 'a lock file that the build followed; repeatable', gather)
      .option('--base-image <image@digest>', 'the image that the build started from; repeatable', gather)
      .option('--source-folder <folder>', 'where the lock files lie', '.')
      .option('--source <url>', 'the repository that was built, instead of what GitHub Actions or GitLab CI say')
      .option('--ref <ref>', 'its branch or tag in full: refs/heads/main')
      .option('--commit <hash>', 'its commit in full')
      .option('--builder <uri>', 'who builds: an id for the builder and all that it trusts')
      .option('--build-type <uri>', 'how the parameters are to be read')
      .option('--parameter <name=value>', 'what the build was asked to do; repeatable', parameterOption)
      .option('--invocation-id <text>', 'this run of the build, such as its address')
      .option('--started-on <time>', 'when the build started: 2026-11-24T08:00:00Z')
      .option('--finished-on <time>', 'when it ended (default: now)')
      .option('--attest <image>', 'sign it onto this image')
      .option(
        '--plain-http <host>',
        'speak to this registry without TLS; repeatable (loopback needs no mention)',
        gather,
      )
      .option('--allow-realm <host>', 'a token service elsewhere that may get the credentials; repeatable', gather),
  );
  await command.parseAsync(args, { from: 'user' });
  const options = command.opts<CreateOptions>();
  const { attest: image } = options;
  const outputs = options.output ?? (image === undefined ? [{ format: 'predicate' }] : []);
  checkOutputs(outputs);
  if (image === undefined) checkUnsigned(options);
  const build = buildOf(options, terminal.env);
  const write = async (moreBaseImages: readonly string[], sign?: (predicate: object) => Promise<void>) => {
    const materials = materialsOf(options, moreBaseImages, build, terminal);
    const times = { startedOn: options.startedOn, finishedOn: options.finishedOn ?? new Date().toISOString() };
    const predicate = provenancePredicate(build, materials, times, version());
    const subjects = await Promise.all((options.subject ?? []).map(subjectOf));
    await sign?.(predicate);
    for (const output of outputs) {
      const text = output.format === 'predicate' ? jsonText(predicate) : statementText(subjects, predicate);
      writeOutput(output, text, terminal);
    }
  };
  await (image === undefined ? write([]) : ontoImage(image, options, terminal, write));
  return exitCodes.holds;
}

/** Signs what is written onto an image, whose own annotations may name its base image. */
async function ontoImage(
  name: string,
  options: CreateOptions,
  terminal: Terminal,
  write: (baseImages: readonly string[], sign: (predicate: object) => Promise<void>) => Promise<void>,
): Promise<void> {
  const seal = await sealerOf(options, terminal);
  const { plainHttp, allowRealm, legacy } = options;
  const opened = await openStore(await parseTarget(name), { env: terminal.env, plainHttp, allowRealm });
  try {
    const { bytes, digest } = await opened.image();
    const baseImage = baseImageOf(Object.entries(annotationsIn(bytes)));
    await write(baseImage === undefined ? [] : [baseImage], async (predicate) => {
      const { referrer } = await attest(opened.store, digest, seal, { type: 'slsaprovenance1', predicate }, { legacy });
      if (opened.digest === undefined) {
        terminal.err(`warning: ${shown(name)} may be another image later; what is attested is ${digest}\n`);
      }
      terminal.err(`attached ${referrer} to ${digest}\n`);
    });
  } finally {
    await opened.close();
  }
}

function buildOf(options: CreateOptions, env: NodeJS.ProcessEnv): Build {
  const { source, ref, commit, builder, buildType, parameter, invocationId } = options;
  if (source !== undefined) {
    if (builder === undefined) {
      throw new PlimsollError('cli/no-builder', 'Who builds is not said', {
        hint: 'Name the builder by a URI of your own: --builder https://ci.example/builders/1',
      });
    }
    const parameters = Object.fromEntries(parameter ?? []);
    return describedBuild({
      source: { repository: source, ref, commit },
      builder,
      buildType,
      parameters,
      invocation: invocationId,
    });
  }
  const alone = described.find((name) => options[name] !== undefined);
  if (alone !== undefined) {
    throw new PlimsollError('cli/no-source', 'What was built is said in part only', {
      hint: 'Say all of it: --source, --ref, --commit and --builder.',
    });
  }
  const build = buildOfEnvironment(env);
  if (build === undefined) {
    throw new PlimsollError(
      'cli/no-build',
      'This is neither GitHub Actions nor GitLab CI, so that what is built is not known',
      {
        hint: 'Say it: --source https://git.example/acme/app --ref refs/heads/main --commit HASH --builder URI',
      },
    );
  }
  return { ...build, builder: builder ?? build.builder, invocation: invocationId ?? build.invocation };
}

function materialsOf(
  options: CreateOptions,
  moreBaseImages: readonly string[],
  { source }: Build,
  terminal: Terminal,
): readonly Material[] {
  const sboms = (options.sbom ?? []).map((file) => ({ file, bytes: readInput(file, limits.sbomBytes) }));
  const lockFiles = new Set(options.lockFile ?? []);
  const baseImages = new Set([...(options.baseImage ?? []), ...moreBaseImages]);
  const named = new Set<string>();
  for (const { file, bytes } of sboms) {
    for (const path of lockFilesIn(readSbom(bytes, file))) named.add(path);
    const baseImage = baseImageOf(labelsInSbom(bytes));
    if (baseImage !== undefined) baseImages.add(baseImage);
  }
  const materials = [...baseImages].map(baseImageMaterial);
  for (const path of [...lockFiles, ...[...named].filter((each) => !lockFiles.has(each))].toSorted()) {
    const file = join(options.sourceFolder, path);
    if (named.has(path) && !lockFiles.has(path) && !isFile(file)) {
      terminal.err(
        `warning: ${shown(path)}, which the SBOM names, is not in ${shown(options.sourceFolder)} and is left out\n`,
      );
      continue;
    }
    materials.push(lockFileMaterial(path, readInput(file, limits.lockFileBytes), source));
  }
  return materials;
}

async function subjectOf(file: string): Promise<Subject> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(file)) hash.update(piece);
  } catch (thrown) {
    throw unreadableInput(file, thrown);
  }
  return { name: basename(file), digest: { sha256: hash.digest('hex') } };
}

function statementText(subjects: readonly Subject[], predicate: object): string {
  if (subjects.length === 0) {
    throw new PlimsollError('cli/no-subject', 'A statement is about something, and no file is named', {
      hint: 'Name what was built: --subject dist/app.tgz. To attest an image, write the predicate.',
    });
  }
  const predicateType = predicateTypeUri('slsaprovenance1') ?? '';
  return `${statementBytes({ subjects, predicateType, predicate }).toString('utf8')}\n`;
}

function jsonText(predicate: object): string {
  return `${JSON.stringify(predicate, null, 2)}\n`;
}

function parameterOption(
  given: string,
  previous: readonly (readonly [string, string])[] | undefined,
): readonly (readonly [string, string])[] {
  const equals = given.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Write it as NAME=VALUE.');
  return [...(previous ?? []), [given.slice(0, equals), given.slice(equals + 1)]];
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}
