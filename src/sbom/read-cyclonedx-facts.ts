import type { Component, Location } from './component.ts';
import { sourceOfRpm } from './described.ts';
import { type JsonObject, objectIn, objectsIn, textIn } from './json.ts';
import { licensesIn } from './license-form.ts';

type Properties = ReadonlyMap<string, readonly string[]>;

/** CycloneDX `properties`: names may repeat. */
export function propertiesOf(component: JsonObject): Properties {
  const properties = new Map<string, string[]>();
  for (const { name, value } of objectsIn(component['properties'])) {
    const [key, text] = [textIn(name), textIn(value)];
    if (key === undefined || text === undefined) continue;
    const values = properties.get(key);
    if (values === undefined) properties.set(key, [text]);
    else values.push(text);
  }
  return properties;
}

/** What Syft, Trivy, cdxgen and npm say in properties of their own. */
export function toolFacts(properties: Properties): {
  readonly source: Component['source'];
  readonly module: string | undefined;
  readonly foundBy: string | undefined;
  readonly locations: readonly Location[];
} {
  const one = (name: string) => properties.get(name)?.[0];
  return {
    source: sourceFrom(one),
    module: one('syft:metadata:modularityLabel') ?? one('aquasecurity:trivy:Modularitylabel'),
    foundBy: one('syft:package:foundBy'),
    locations: [...properties].flatMap(([name, values]) =>
      /^syft:location:\d+:path$/.test(name) || pathProperties.has(name)
        ? values.map((path) => ({ path: path.replace(/^\/+/, '') }))
        : [],
    ),
  };
}

const pathProperties: ReadonlySet<string> = new Set([
  'aquasecurity:trivy:FilePath',
  'cdx:npm:package:path',
  'SrcFile',
  'internal:SrcFile',
]);

function sourceFrom(one: (name: string) => string | undefined): Component['source'] {
  const trivy = one('aquasecurity:trivy:SrcName');
  if (trivy !== undefined) return { name: trivy, version: trivyVersion(one) };
  const debian = one('syft:metadata:source');
  if (debian !== undefined) return { name: debian, version: one('syft:metadata:sourceVersion') };
  const alpine = one('syft:metadata:originPackage');
  if (alpine !== undefined) return { name: alpine };
  const rpm = one('syft:metadata:sourceRpm');
  return rpm === undefined ? undefined : sourceOfRpm(rpm);
}

/** `EPOCH:VERSION-RELEASE`, of which Trivy leaves out what is empty and an epoch that is 0. */
function trivyVersion(one: (name: string) => string | undefined): string | undefined {
  const version = one('aquasecurity:trivy:SrcVersion');
  const release = one('aquasecurity:trivy:SrcRelease');
  const epoch = one('aquasecurity:trivy:SrcEpoch');
  if (version === undefined) return undefined;
  const full = release === undefined ? version : `${version}-${release}`;
  return epoch === undefined || epoch === '0' ? full : `${epoch}:${full}`;
}

/** CycloneDX `licenses`: ids, names and expressions. Where there is only an address, that. */
export function licensesOf(component: JsonObject): readonly string[] {
  return objectsIn(component['licenses']).flatMap((choice) => {
    const license = objectIn(choice['license']);
    const stated = [choice['expression'], license?.['id'], license?.['name'], license?.['url']].map(textIn);
    const first = stated.find((text) => text !== undefined);
    return first === undefined ? [] : licensesIn(first);
  });
}
