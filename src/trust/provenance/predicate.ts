import { isRecord } from '../../image/index.ts';
import { limits } from '../../limits.ts';
import { predicateTypeName } from '../../sbom/index.ts';
import type { Statement } from '../statement.ts';

type Fields = Readonly<Record<string, unknown>>;

/** SLSA provenance v1 or v0.2, in the terms of v1 (SLSA v1.0 provenance, "Migrating from 0.2"). Somebody states it; nothing of it need be true. */
export interface Provenance {
  readonly version: '1' | '0.2';
  /** URI: says how the parameters are to be read. */
  readonly buildType: string | undefined;
  /** URI: `builder.id`. */
  readonly builder: string | undefined;
  /** v0.2: `invocation.parameters`. */
  readonly externalParameters: Fields;
  /** v0.2: `invocation.environment`. */
  readonly internalParameters: Fields;
  /** `resolvedDependencies`; v0.2: `materials`. */
  readonly dependencies: readonly Dependency[];
  /** v0.2 only: where the configuration of the build lies. */
  readonly configSource: string | undefined;
  readonly invocation: string | undefined;
  /** RFC 3339. */
  readonly startedOn: string | undefined;
  readonly finishedOn: string | undefined;
}

export interface Dependency {
  readonly uri: string | undefined;
  /** By algorithm: `gitCommit`, `sha1`, `sha256`. */
  readonly digest: Fields;
}

/** `undefined`: the statement is no provenance of a version that is read here. What has another shape than it should is not stated. */
export function readProvenance({ predicateType, predicate }: Statement): Provenance | undefined {
  const type = predicateTypeName(predicateType);
  if (type === 'slsaprovenance1') return readVersion1(fields(predicate));
  return type === 'slsaprovenance02' ? readVersion02(fields(predicate)) : undefined;
}

/** The fields of a JSON object; what is none has none. */
export function fields(json: unknown): Fields {
  return isRecord(json) ? json : {};
}

/** A text of a length that names something: empty and unset mean the same (SLSA v1.0 provenance, "Parsing rules"). */
export function text(json: unknown): string | undefined {
  return typeof json === 'string' && json !== '' && json.length <= limits.identityLength ? json : undefined;
}

function readVersion1(predicate: Fields): Provenance {
  const build = fields(predicate['buildDefinition']);
  const run = fields(predicate['runDetails']);
  const metadata = fields(run['metadata']);
  return {
    version: '1',
    buildType: text(build['buildType']),
    builder: text(fields(run['builder'])['id']),
    externalParameters: fields(build['externalParameters']),
    internalParameters: fields(build['internalParameters']),
    dependencies: dependencies(build['resolvedDependencies']),
    configSource: undefined,
    invocation: text(metadata['invocationId']),
    startedOn: time(metadata['startedOn']),
    finishedOn: time(metadata['finishedOn']),
  };
}

function readVersion02(predicate: Fields): Provenance {
  const invocation = fields(predicate['invocation']);
  const metadata = fields(predicate['metadata']);
  return {
    version: '0.2',
    buildType: text(predicate['buildType']),
    builder: text(fields(predicate['builder'])['id']),
    externalParameters: fields(invocation['parameters']),
    internalParameters: fields(invocation['environment']),
    dependencies: dependencies(predicate['materials']),
    configSource: text(fields(invocation['configSource'])['uri']),
    invocation: text(metadata['buildInvocationId']),
    startedOn: time(metadata['buildStartedOn']),
    finishedOn: time(metadata['buildFinishedOn']),
  };
}

function dependencies(json: unknown): readonly Dependency[] {
  if (!Array.isArray(json)) return [];
  return json.map((each) => ({ uri: text(fields(each)['uri']), digest: fields(fields(each)['digest']) }));
}

/** In-toto's timestamps are in UTC (in-toto attestation v1, "Timestamp"); with another offset they mean a time as well. */
function time(json: unknown): string | undefined {
  const stated = text(json);
  const isTime =
    stated !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(stated);
  return isTime && !Number.isNaN(Date.parse(stated)) ? stated : undefined;
}
