import { type Service, type ServiceConfiguration, ServiceSelector, SigningConfig } from '@sigstore/protobuf-specs';
import { messageOf, PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';
import { serviceUrl } from './service-url.ts';

/** Where the services are that make a signature with an identity. */
export interface ServiceAddresses {
  /** The certificate authority. */
  readonly fulcio: string;
  readonly rekor?: { readonly url: string; readonly version: 1 | 2 } | undefined;
  /** An RFC 3161 timestamp authority. */
  readonly tsa?: string | undefined;
}

/**
 * The services that a signing configuration names for now: of each kind the one that is in use since last (Sigstore
 * protobuf-specs, `SigningConfig` v0.2).
 *
 * @throws PlimsollError `trust/signing-config`, `trust/service-url`
 */
export function servicesIn(content: Buffer, name: string): ServiceAddresses {
  const config = readSigningConfig(content, name);
  for (const { url } of [...config.caUrls, ...config.rekorTlogUrls, ...config.tsaUrls]) {
    serviceUrl(url, `${url.slice(0, 200)} in ${name}`);
  }
  const asked = (selection: ServiceConfiguration | undefined, services: readonly Service[], version: number) => {
    if (selection === undefined) return undefined;
    if (selection.selector === ServiceSelector.ANY) return current(services, version, name);
    throw badConfig(name, 'it asks for several services of one kind');
  };
  const log = asked(config.rekorTlogConfig, config.rekorTlogUrls, 2);
  return {
    fulcio: current(config.caUrls, 1, name).url,
    rekor: log === undefined ? undefined : { url: log.url, version: log.majorApiVersion === 2 ? 2 : 1 },
    tsa: asked(config.tsaConfig, config.tsaUrls, 1)?.url,
  };
}

function readSigningConfig(content: Buffer, name: string): SigningConfig {
  let config: SigningConfig;
  try {
    if (content.length > limits.trustedRootBytes) throw new Error(`it has ${content.length} bytes`);
    config = SigningConfig.fromJSON(JSON.parse(content.toString('utf8')));
  } catch (error) {
    throw badConfig(name, messageOf(error), error);
  }
  if (!config.mediaType.startsWith('application/vnd.dev.sigstore.signingconfig.v0.2')) {
    throw badConfig(name, 'it is no signing configuration of version 0.2');
  }
  return config;
}

function current(services: readonly Service[], latestVersion: number, name: string): Service {
  const now = Date.now();
  const startOf = ({ validFor }: Service) => validFor?.start?.getTime() ?? 0;
  const [found] = services
    .filter(({ majorApiVersion }) => majorApiVersion <= latestVersion)
    .filter((service) => startOf(service) <= now && (service.validFor?.end?.getTime() ?? now) >= now)
    .sort((one, other) => startOf(other) - startOf(one));
  if (found !== undefined) return found;
  throw badConfig(name, 'a service that it asks for is missing, not in use now, or of a version that is not known');
}

function badConfig(name: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError(
    'trust/signing-config',
    `The signing configuration ${name} cannot be used: ${why.slice(0, 300)}`,
    {
      hint: 'It is a SigningConfig of Sigstore as JSON, of version 0.2, as "cosign signing-config create" writes it.',
      cause,
    },
  );
}
