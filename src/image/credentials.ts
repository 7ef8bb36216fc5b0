import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { messageOf } from '../error.ts';
import { limits } from '../limits.ts';
import { shaped } from '../shape.ts';
import { formatReference, type ImageReference } from './reference.ts';

/** Plain data. `identity` is exchanged for tokens at the token service, `token` is sent as it is. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity'; readonly token: string }
  | { readonly kind: 'token'; readonly token: string };

export interface CredentialSearch {
  readonly credentials?: Credentials | undefined;
  /** Files and helpers that should have known and could not be asked, as sentences. */
  readonly problems: readonly string[];
}

const entrySchema = z.object({
  auth: z.optional(z.string()),
  username: z.optional(z.string()),
  password: z.optional(z.string()),
  identitytoken: z.optional(z.string()),
  registrytoken: z.optional(z.string()),
});
const fileSchema = z.object({
  auths: z.nullish(z.record(z.string(), entrySchema)),
  credHelpers: z.nullish(z.record(z.string(), z.string())),
  credsStore: z.nullish(z.string()),
});
type Entry = z.infer<typeof entrySchema>;
type CredentialFile = z.infer<typeof fileSchema>;

const helperSchema = z.object({ Username: z.string(), Secret: z.string() });

/** In what environment a helper runs, and for how long, in milliseconds. */
interface HelperRun {
  readonly env: NodeJS.ProcessEnv;
  readonly timeout: number;
}

const hubNames: readonly string[] = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];
const hubKey = 'https://index.docker.io/v1/';

/**
 * Looks for credentials where Podman and Docker keep them, in the order of containers-auth.json(5): `REGISTRY_AUTH_FILE`
 * or `$XDG_RUNTIME_DIR/containers/auth.json`, `~/.config/containers/auth.json`, then Docker's `config.json`
 * (`DOCKER_CONFIG`). The first that knows the registry decides. Never throws: what could not be read is told in `problems`.
 */
export async function findCredentials(
  reference: ImageReference,
  env: NodeJS.ProcessEnv,
  helperMs: number = limits.credentialHelperMs,
): Promise<CredentialSearch> {
  const problems: string[] = [];
  for (const path of credentialFiles(env)) {
    const file = await readCredentialFile(path, problems);
    const credentials =
      file === undefined ? undefined : await lookUp(file, reference, { env, timeout: helperMs }, problems);
    if (credentials !== undefined) return { credentials, problems };
  }
  return { problems };
}

function credentialFiles(env: NodeJS.ProcessEnv): readonly string[] {
  const home = env['HOME'] || homedir();
  const runtime = env['XDG_RUNTIME_DIR'];
  const perUser = runtime ? join(runtime, 'containers') : `/run/containers/${process.getuid?.() ?? 0}`;
  return [
    env['REGISTRY_AUTH_FILE'] || join(perUser, 'auth.json'),
    join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'containers', 'auth.json'),
    join(env['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json'),
  ];
}

async function readCredentialFile(path: string, problems: string[]): Promise<CredentialFile | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const stat = await file.stat();
      if (!stat.isFile() || stat.size > limits.credentialFileBytes)
        throw new Error('it is no ordinary file, or too large');
      const answer = shaped(fileSchema, JSON.parse(await file.readFile('utf8')));
      if (answer.ok) return answer.value;
      throw new Error(`it is not valid at ${answer.place.split('.', 1)[0] || 'its root'}`);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') problems.push(`${path} cannot be read: ${whyUnreadable(thrown)}`);
    return undefined;
  }
}

/** Never the parser's message: it may quote the file, and with it a secret. */
function whyUnreadable(thrown: unknown): string {
  return thrown instanceof SyntaxError ? 'it is not JSON' : messageOf(thrown);
}

async function lookUp(
  file: CredentialFile,
  reference: ImageReference,
  run: HelperRun,
  problems: string[],
): Promise<Credentials | undefined> {
  const names = hubNames.includes(reference.registry) ? hubNames : [reference.registry];
  const helpers = Object.entries(file.credHelpers ?? {});
  const own = helpers.find(([registry]) => names.includes(hostOfKey(registry)))?.[1];
  const helper = own ?? file.credsStore ?? undefined;
  if (helper !== undefined && helper !== '') {
    const found = await askHelper(helper, names === hubNames ? hubKey : reference.registry, run, problems);
    if (found !== undefined) return found;
  }
  const entries = new Map(Object.entries(file.auths ?? {}).map(([key, entry]) => [namespaceOfKey(key), entry]));
  for (const namespace of namespaces(reference, names)) {
    const entry = entries.get(namespace);
    const credentials = entry === undefined ? undefined : fromEntry(entry);
    if (credentials !== undefined) return credentials;
  }
  return undefined;
}

/** `host/a/b`, `host/a`, `host`: the longest that is listed counts. */
function namespaces(reference: ImageReference, names: readonly string[]): readonly string[] {
  const parts = formatReference({ ...reference, tag: undefined, digest: undefined })
    .split('/')
    .slice(1);
  const found: string[] = [];
  for (let count = parts.length; count >= 0; count--) {
    for (const name of names) found.push([name, ...parts.slice(0, count)].join('/'));
  }
  return found;
}

/** Docker writes `https://index.docker.io/v1/`, Podman `quay.io/team`: a URL names its host alone. */
function namespaceOfKey(key: string): string {
  return /^https?:\/\//.test(key) ? hostOfKey(key) : key.replace(/\/$/, '');
}

function hostOfKey(key: string): string {
  const bare = key.replace(/^https?:\/\//, '');
  const slash = bare.indexOf('/');
  return (slash < 0 ? bare : bare.slice(0, slash)).toLowerCase();
}

function fromEntry(entry: Entry): Credentials | undefined {
  if (entry.identitytoken) return { kind: 'identity', token: entry.identitytoken };
  if (entry.registrytoken) return { kind: 'token', token: entry.registrytoken };
  if (entry.auth) {
    const decoded = Buffer.from(entry.auth, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    if (colon > 0) return password(decoded.slice(0, colon), decoded.slice(colon + 1).replace(/\0+$/, ''));
  }
  return entry.username && entry.password ? password(entry.username, entry.password) : undefined;
}

/** The helper protocol's user name for identity tokens. */
function password(username: string, secret: string): Credentials {
  return username === '<token>'
    ? { kind: 'identity', token: secret }
    : { kind: 'password', username, password: secret };
}

/** Runs `docker-credential-NAME get` (docker-credential-helpers): the server on its input, JSON on its output. */
async function askHelper(
  name: string,
  server: string,
  run: HelperRun,
  problems: string[],
): Promise<Credentials | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    problems.push(`the credential helper "${name.slice(0, 80)}" has an impossible name`);
    return undefined;
  }
  const program = `docker-credential-${name}`;
  const { output, failure } = await runHelper(program, server, run);
  if (failure !== undefined) {
    if (!/credentials not found/i.test(output)) problems.push(`${program} ${failure}`);
    return undefined;
  }
  try {
    const { Username, Secret } = helperSchema.parse(JSON.parse(output));
    return Secret === '' ? undefined : password(Username, Secret);
  } catch {
    problems.push(`${program} answered something that is not JSON with a user name and a secret`);
    return undefined;
  }
}

function runHelper(program: string, input: string, run: HelperRun): Promise<{ output: string; failure?: string }> {
  return new Promise((resolve) => {
    const options = {
      ...run,
      killSignal: 'SIGKILL',
      maxBuffer: limits.tokenBytes,
      windowsHide: true,
    } as const;
    const child = execFile(program, ['get'], options, (error, output) => {
      if (error === null) resolve({ output });
      else if (error.code === 'ENOENT') resolve({ output, failure: 'is not installed' });
      else if (typeof error.code === 'number') resolve({ output, failure: `failed with exit code ${error.code}` });
      else resolve({ output, failure: 'took too long or answered too much' });
    });
    // A helper may end without reading; what it answered then tells more than the broken pipe.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
