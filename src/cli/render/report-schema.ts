/** The `json` report as zod sees it. `schema/report.schema.json` is generated from here. */
import * as z from 'zod/mini';
import { gates } from '../../policy/index.ts';
import { severityLevels } from '../../sbom/index.ts';
import { accepted, trust } from './report-trust-schema.ts';

const time = z.string().check(z.describe('RFC 3339.'));
const day = z.string().check(z.describe('YYYY-MM-DD.'));
const amount = z.int().check(z.minimum(0));

const layer = z
  .object({
    digest: z.string().check(z.describe('Of the blob as stored.')),
    diffId: z.optional(z.string()).check(z.describe('Of the layer unpacked.')),
    size: amount.check(z.describe('Stored size in bytes.')),
    createdBy: z.optional(z.string()).check(z.describe("The instruction that made it, from the image's history.")),
  })
  .check(z.meta({ id: 'Layer' }));

const artifact = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('image'),
      reference: z.string().check(z.describe('As the user named it.')),
      digest: z
        .string()
        .check(z.describe('Of the manifest; of the image configuration where the source has no manifest.')),
      indexDigest: z.optional(z.string()).check(z.describe('Of the index that the manifest was chosen from.')),
      platform: z.string(),
      created: z.optional(z.string()).check(z.describe('From the image configuration.')),
      labels: z.record(z.string(), z.string()),
      layers: z.array(layer),
    }),
    z.object({ kind: z.literal('directory'), reference: z.string() }),
    z.object({ kind: z.literal('file'), reference: z.string(), digest: z.string() }),
    z.object({
      kind: z.literal('sbom'),
      reference: z.string(),
      digest: z.string().check(z.describe('Of the document.')),
      subject: z.optional(z.string()).check(z.describe('What the document says it describes.')),
    }),
  ])
  .check(z.meta({ id: 'Artifact', description: 'What was inspected.' }));

const distro = z
  .object({
    id: z.string(),
    versionId: z.optional(z.string()),
    codename: z.optional(z.string()),
    idLike: z.array(z.string()),
    name: z.string(),
  })
  .check(z.meta({ id: 'Distro', description: 'The Linux distribution, from os-release.' }));

const place = z
  .object({
    path: z
      .optional(z.string())
      .check(z.describe('Relative to the root of the artifact; inside an archive as outer.war!/inner.jar.')),
    layer: z.optional(amount).check(z.describe('Index into `artifact.layers`: the first layer is 0.')),
    instruction: z.optional(z.string()).check(z.describe('The instruction that made the layer.')),
  })
  .check(z.meta({ id: 'Place' }));

const named = {
  id: z.string().check(z.describe('The canonical purl.')),
  type: z.string().check(z.describe('The package type of the purl: deb, npm, golang, …')),
  name: z.string(),
  version: z.optional(z.string()).check(z.describe('Absent where it is not known.')),
};
const componentName = z.object(named).check(z.meta({ id: 'ComponentName' }));
const component = z
  .object({
    ...named,
    source: z
      .optional(z.object({ name: z.string(), version: z.optional(z.string()) }))
      .check(z.describe('Distribution packages: the source package, which advisories name.')),
    scope: z.optional(z.enum(['development', 'optional'])),
    ownedBy: z.optional(z.string()).check(z.describe('Id of the distribution package that brought its files.')),
    locations: z.array(place),
  })
  .check(z.meta({ id: 'Component' }));

const severity = z
  .object({
    level: z.enum(severityLevels).check(z.describe('`unknown`: nobody has rated it.')),
    score: z.optional(z.number().check(z.minimum(0), z.maximum(10))).check(z.describe('CVSS base score.')),
    vector: z.optional(z.string()),
    source: z.optional(z.string()).check(z.describe('Who rated it.')),
  })
  .check(z.meta({ id: 'Severity' }));

const fix = z
  .discriminatedUnion('state', [
    z.object({
      state: z.literal('fixed'),
      version: z.string().check(z.describe('The smallest fixed version above the installed one, on its branch.')),
      since: z.optional(time).check(z.describe('When the advisory with it was published. RFC 3339.')),
      affectedAgain: z
        .optional(z.array(z.object({ from: z.string(), fixed: z.optional(z.string()) })))
        .check(
          z.describe(
            'Versions from `version` on for which it holds again: from one up to the fixed one, if that is stated. It begins with `version` itself where advisories disagree about it.',
          ),
        ),
    }),
    z.object({ state: z.literal('not-fixed') }),
    z.object({ state: z.literal('wont-fix'), reason: z.string() }),
    z.object({ state: z.literal('unknown') }),
  ])
  .check(z.meta({ id: 'Fix' }));

const finding = z
  .object({
    id: z.string().check(z.describe('The name to show: the CVE where there is one.')),
    names: z.array(z.string()).check(z.describe('All names, `id` among them.')),
    kind: z.enum(['vulnerability', 'malware', 'unmaintained']),
    component,
    matched: z
      .object({ ecosystem: z.string(), package: z.string(), version: z.string() })
      .check(
        z.describe(
          'What was compared: ecosystem and package as the advisory names them, and the version held against it.',
        ),
      ),
    summary: z.optional(z.string()),
    severity,
    fix,
    clearsAll: z
      .optional(z.string())
      .check(
        z.describe(
          'The smallest version of the package that clears all its findings in this report; absent where one of them has no fix.',
        ),
      ),
    exploited: z
      .optional(z.object({ since: day, due: z.optional(day), ransomware: z.boolean() }))
      .check(z.describe("In CISA's Known Exploited Vulnerabilities catalogue.")),
    epss: z
      .optional(
        z.object({
          score: z.number().check(z.minimum(0), z.maximum(1)),
          percentile: z.number().check(z.minimum(0), z.maximum(1)),
        }),
      )
      .check(z.describe("FIRST's EPSS: probability of exploitation within 30 days.")),
    published: z.optional(time),
    modified: z.optional(time),
    advisories: z.array(z.object({ id: z.string(), url: z.string() })),
  })
  .check(z.meta({ id: 'Finding', description: 'An advisory that holds for a component.' }));

const note = {
  by: z.string().check(z.describe('Where the exception stands (plimsoll.yaml:14), or the VEX statement.')),
  reason: z.string(),
  until: z.optional(day).check(z.describe('The last day on which it counts, UTC.')),
  ticket: z.optional(z.string()),
  approvedBy: z.optional(z.string()),
  vex: z
    .optional(z.object({ status: z.enum(['not_affected', 'fixed']), justification: z.optional(z.string()) }))
    .check(z.describe('What a VEX statement says.')),
};
const exceptionNote = z.object(note).check(z.meta({ id: 'ExceptionNote' }));

const suppressed = z
  .object({ finding, by: z.array(exceptionNote).check(z.minLength(1)) })
  .check(z.meta({ id: 'Suppressed', description: 'A finding that does not count, and who says so.' }));

const unknown = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('unread-file'),
      path: z.string(),
      layer: z.optional(amount),
      cataloger: z.string(),
      reason: z.string(),
    }),
    z.object({ kind: z.literal('unread-layer'), layer: amount, reason: z.string() }),
    z.object({ kind: z.literal('no-version'), component: z.string(), reason: z.string() }),
    z.object({
      kind: z.literal('no-advisories'),
      ecosystem: z.string(),
      components: amount,
      reason: z.string(),
    }),
  ])
  .check(z.meta({ id: 'Unknown', description: 'Something that could not be found out.' }));

const advisories = z
  .object({
    built: time.check(z.describe('When the database was built. RFC 3339.')),
    newest: time.check(z.describe('When the newest advisory in it changed. RFC 3339.')),
    advisories: amount,
    ecosystems: z.array(z.string()),
    digest: z.string().check(z.describe('Two runs with the same one used the same data.')),
    starter: z.boolean().check(z.describe('The small set that comes with Plimsoll, not the full data.')),
    lacks: z
      .optional(z.array(z.enum(['kev', 'epss'])))
      .check(z.describe('What no finding can say, since the data does not have it.')),
  })
  .check(z.meta({ id: 'Advisories' }));

const levels = z
  .object({ critical: amount, high: amount, unknown: amount, medium: amount, low: amount, none: amount })
  .check(z.meta({ id: 'Levels' }));

const counts = z
  .object({
    components: amount,
    findings: amount.check(z.describe('Entries of `findings`: one for each component and vulnerability.')),
    vulnerabilities: amount.check(z.describe('Different `id`s among them.')),
    levels,
    malware: amount,
    exploited: amount,
    fixable: amount.check(z.describe('Findings that have a fixed version.')),
    suppressed: amount,
    unknown: amount,
  })
  .check(z.meta({ id: 'Counts' }));

const reason = z
  .object({
    action: z.enum(['deny', 'warn']),
    rule: z.string().check(z.describe('The name of the rule; `unknown.KIND` for what could not be found out.')),
    message: z.string(),
    why: z.optional(z.string()).check(z.describe("The rule's own reason.")),
    component: z.optional(componentName),
    finding: z.optional(z.string()).check(z.describe('`id` of the finding.')),
    unknown: z.optional(z.string()).check(z.describe('What kind of thing could not be found out.')),
    where: z.array(place),
    fix: z.optional(z.string()).check(z.describe('What to do about it, in words.')),
  })
  .check(z.meta({ id: 'Reason' }));

const covered = z
  .object({
    ...note,
    component: z.optional(componentName),
    finding: z.optional(z.string()),
    unknown: z.optional(z.string()),
    rule: z.optional(z.string()).check(z.describe('Set where only the reasons of this rule are covered.')),
    where: z.array(place).check(z.describe('The places that are covered.')),
  })
  .check(z.meta({ id: 'Covered' }));

const verdict = z
  .object({
    gate: z.enum(gates),
    outcome: z.enum(['allow', 'warn', 'deny']),
    reasons: z.array(reason).check(z.describe('Worst first.')),
    suppressed: z.array(covered).check(z.describe('What exceptions and VEX statements cover.')),
    expired: z.array(covered).check(z.describe('What exceptions would cover that have ended; it counts.')),
    unused: z.array(exceptionNote).check(z.describe('Exceptions that fit nothing here.')),
    policy: z.object({ name: z.string(), digest: z.string() }),
    at: time.check(z.describe('When it was judged. RFC 3339.')),
    judged: z.object({ components: amount, findings: amount, unknown: amount }),
  })
  .check(z.meta({ id: 'Verdict' }));

const result = z
  .object({
    artifact,
    distro: z.optional(distro),
    counts,
    verdict: z.optional(verdict).check(z.describe('Only where a policy was asked: `plimsoll gate`.')),
    findings: z.array(finding).check(z.describe('Worst first.')),
    suppressed: z
      .array(suppressed)
      .check(z.describe('Findings that exceptions or VEX statements cover altogether; they are not in `findings`.')),
    unknown: z.array(unknown),
    advisories,
    trust: z.optional(trust),
  })
  .check(z.meta({ id: 'Result' }));

export const reportSchema = z
  .object({
    format: z.literal('plimsoll-report'),
    version: z.literal(1).check(z.describe('Members may be added within a version; none change their meaning or go.')),
    tool: z.object({ name: z.literal('plimsoll'), version: z.string() }),
    results: z.array(result).check(z.describe('One for each target that was inspected, in the order they were named.')),
    accepted: z
      .optional(z.array(accepted))
      .check(z.describe('Targets whose verdict was taken over (trust.acceptVsa) instead of inspecting them.')),
  })
  .check(
    z.meta({ title: 'Plimsoll report', description: 'What `plimsoll scan` and `plimsoll gate` write with -o json.' }),
  );

export type ReportDocument = Frozen<z.output<typeof reportSchema>>;

type Frozen<Value> = Value extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Frozen<Value[Key]> }
    : Value;

/** JSON Schema 2020-12. Open for further members, as readers must be. */
export function reportJsonSchema(): object {
  return z.toJSONSchema(reportSchema, { io: 'input', target: 'draft-2020-12' });
}
