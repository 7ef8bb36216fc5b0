/** The `json` report as zod sees it. `schema/report.schema.json` is generated from here. */
import { z } from 'zod';
import { gates } from '../../policy/index.ts';
import { severityLevels } from '../../sbom/index.ts';
import { accepted, trust } from './report-trust-schema.ts';

const time = z.string().describe('RFC 3339.');
const day = z.string().describe('YYYY-MM-DD.');
const amount = z.int().min(0);

const layer = z
  .object({
    digest: z.string().describe('Of the blob as stored.'),
    diffId: z.string().optional().describe('Of the layer unpacked.'),
    size: amount.describe('Stored size in bytes.'),
    createdBy: z.string().optional().describe("The instruction that made it, from the image's history."),
  })
  .meta({ id: 'Layer' });

const artifact = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('image'),
      reference: z.string().describe('As the user named it.'),
      digest: z.string().describe('Of the manifest; of the image configuration where the source has no manifest.'),
      indexDigest: z.string().optional().describe('Of the index that the manifest was chosen from.'),
      platform: z.string(),
      created: z.string().optional().describe('From the image configuration.'),
      labels: z.record(z.string(), z.string()),
      layers: z.array(layer),
    }),
    z.object({ kind: z.literal('directory'), reference: z.string() }),
    z.object({ kind: z.literal('file'), reference: z.string(), digest: z.string() }),
    z.object({
      kind: z.literal('sbom'),
      reference: z.string(),
      digest: z.string().describe('Of the document.'),
      subject: z.string().optional().describe('What the document says it describes.'),
    }),
  ])
  .meta({ id: 'Artifact', description: 'What was inspected.' });

const distro = z
  .object({
    id: z.string(),
    versionId: z.string().optional(),
    codename: z.string().optional(),
    idLike: z.array(z.string()),
    name: z.string(),
  })
  .meta({ id: 'Distro', description: 'The Linux distribution, from os-release.' });

const place = z
  .object({
    path: z
      .string()
      .optional()
      .describe('Relative to the root of the artifact; inside an archive as outer.war!/inner.jar.'),
    layer: amount.optional().describe('Index into `artifact.layers`: the first layer is 0.'),
    instruction: z.string().optional().describe('The instruction that made the layer.'),
  })
  .meta({ id: 'Place' });

const named = {
  id: z.string().describe('The canonical purl.'),
  type: z.string().describe('The package type of the purl: deb, npm, golang, …'),
  name: z.string(),
  version: z.string().optional().describe('Absent where it is not known.'),
};
const componentName = z.object(named).meta({ id: 'ComponentName' });
const component = z
  .object({
    ...named,
    source: z
      .object({ name: z.string(), version: z.string().optional() })
      .optional()
      .describe('Distribution packages: the source package, which advisories name.'),
    scope: z.enum(['development', 'optional']).optional(),
    ownedBy: z.string().optional().describe('Id of the distribution package that brought its files.'),
    locations: z.array(place),
  })
  .meta({ id: 'Component' });

const severity = z
  .object({
    level: z.enum(severityLevels).describe('`unknown`: nobody has rated it.'),
    score: z.number().min(0).max(10).optional().describe('CVSS base score.'),
    vector: z.string().optional(),
    source: z.string().optional().describe('Who rated it.'),
  })
  .meta({ id: 'Severity' });

const fix = z
  .discriminatedUnion('state', [
    z.object({
      state: z.literal('fixed'),
      version: z.string().describe('The smallest fixed version above the installed one, on its branch.'),
      since: time.optional().describe('When the advisory with it was published. RFC 3339.'),
      affectedAgain: z
        .array(z.object({ from: z.string(), fixed: z.string().optional() }))
        .optional()
        .describe(
          'Versions above `version` for which it holds again: from one up to the fixed one, if that is stated.',
        ),
    }),
    z.object({ state: z.literal('not-fixed') }),
    z.object({ state: z.literal('wont-fix'), reason: z.string() }),
    z.object({ state: z.literal('unknown') }),
  ])
  .meta({ id: 'Fix' });

const finding = z
  .object({
    id: z.string().describe('The name to show: the CVE where there is one.'),
    names: z.array(z.string()).describe('All names, `id` among them.'),
    kind: z.enum(['vulnerability', 'malware', 'unmaintained']),
    component,
    matched: z
      .object({ ecosystem: z.string(), package: z.string(), version: z.string() })
      .describe(
        'What was compared: ecosystem and package as the advisory names them, and the version held against it.',
      ),
    summary: z.string().optional(),
    severity,
    fix,
    clearsAll: z
      .string()
      .optional()
      .describe(
        'The smallest version of the package that clears all its findings in this report; absent where one of them has no fix.',
      ),
    exploited: z
      .object({ since: day, due: day.optional(), ransomware: z.boolean() })
      .optional()
      .describe("In CISA's Known Exploited Vulnerabilities catalogue."),
    epss: z
      .object({ score: z.number().min(0).max(1), percentile: z.number().min(0).max(1) })
      .optional()
      .describe("FIRST's EPSS: probability of exploitation within 30 days."),
    published: time.optional(),
    modified: time.optional(),
    advisories: z.array(z.object({ id: z.string(), url: z.string() })),
  })
  .meta({ id: 'Finding', description: 'An advisory that holds for a component.' });

const note = {
  by: z.string().describe('Where the exception stands (plimsoll.yaml:14), or the VEX statement.'),
  reason: z.string(),
  until: day.optional().describe('The last day on which it counts, UTC.'),
  ticket: z.string().optional(),
  approvedBy: z.string().optional(),
  vex: z
    .object({ status: z.enum(['not_affected', 'fixed']), justification: z.string().optional() })
    .optional()
    .describe('What a VEX statement says.'),
};
const exceptionNote = z.object(note).meta({ id: 'ExceptionNote' });

const suppressed = z
  .object({ finding, by: z.array(exceptionNote).min(1) })
  .meta({ id: 'Suppressed', description: 'A finding that does not count, and who says so.' });

const unknown = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('unread-file'),
      path: z.string(),
      layer: amount.optional(),
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
  .meta({ id: 'Unknown', description: 'Something that could not be found out.' });

const advisories = z
  .object({
    built: time.describe('When the database was built. RFC 3339.'),
    newest: time.describe('When the newest advisory in it changed. RFC 3339.'),
    advisories: amount,
    ecosystems: z.array(z.string()),
    digest: z.string().describe('Two runs with the same one used the same data.'),
    starter: z.boolean().describe('The small set that comes with Plimsoll, not the full data.'),
    lacks: z
      .array(z.enum(['kev', 'epss']))
      .optional()
      .describe('What no finding can say, since the data does not have it.'),
  })
  .meta({ id: 'Advisories' });

const levels = z
  .object({ critical: amount, high: amount, unknown: amount, medium: amount, low: amount, none: amount })
  .meta({ id: 'Levels' });

const counts = z
  .object({
    components: amount,
    findings: amount.describe('Entries of `findings`: one for each component and vulnerability.'),
    vulnerabilities: amount.describe('Different `id`s among them.'),
    levels,
    malware: amount,
    exploited: amount,
    fixable: amount.describe('Findings that have a fixed version.'),
    suppressed: amount,
    unknown: amount,
  })
  .meta({ id: 'Counts' });

const reason = z
  .object({
    action: z.enum(['deny', 'warn']),
    rule: z.string().describe('The name of the rule; `unknown.KIND` for what could not be found out.'),
    message: z.string(),
    why: z.string().optional().describe("The rule's own reason."),
    component: componentName.optional(),
    finding: z.string().optional().describe('`id` of the finding.'),
    unknown: z.string().optional().describe('What kind of thing could not be found out.'),
    where: z.array(place),
    fix: z.string().optional().describe('What to do about it, in words.'),
  })
  .meta({ id: 'Reason' });

const covered = z
  .object({
    ...note,
    component: componentName.optional(),
    finding: z.string().optional(),
    unknown: z.string().optional(),
    rule: z.string().optional().describe('Set where only the reasons of this rule are covered.'),
    where: z.array(place).describe('The places that are covered.'),
  })
  .meta({ id: 'Covered' });

const verdict = z
  .object({
    gate: z.enum(gates),
    outcome: z.enum(['allow', 'warn', 'deny']),
    reasons: z.array(reason).describe('Worst first.'),
    suppressed: z.array(covered).describe('What exceptions and VEX statements cover.'),
    expired: z.array(covered).describe('What exceptions would cover that have ended; it counts.'),
    unused: z.array(exceptionNote).describe('Exceptions that fit nothing here.'),
    policy: z.object({ name: z.string(), digest: z.string() }),
    at: time.describe('When it was judged. RFC 3339.'),
    judged: z.object({ components: amount, findings: amount, unknown: amount }),
  })
  .meta({ id: 'Verdict' });

const result = z
  .object({
    artifact,
    distro: distro.optional(),
    counts,
    verdict: verdict.optional().describe('Only where a policy was asked: `plimsoll gate`.'),
    findings: z.array(finding).describe('Worst first.'),
    suppressed: z
      .array(suppressed)
      .describe('Findings that exceptions or VEX statements cover altogether; they are not in `findings`.'),
    unknown: z.array(unknown),
    advisories,
    trust: trust.optional(),
  })
  .meta({ id: 'Result' });

export const reportSchema = z
  .object({
    format: z.literal('plimsoll-report'),
    version: z.literal(1).describe('Members may be added within a version; none change their meaning or go.'),
    tool: z.object({ name: z.literal('plimsoll'), version: z.string() }),
    results: z.array(result).describe('One for each target that was inspected, in the order they were named.'),
    accepted: z
      .array(accepted)
      .optional()
      .describe('Targets whose verdict was taken over (trust.acceptVsa) instead of inspecting them.'),
  })
  .meta({ title: 'Plimsoll report', description: 'What `plimsoll scan` and `plimsoll gate` write with -o json.' });

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
