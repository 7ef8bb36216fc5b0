/** The line that holds without a policy file, and that a file adds to unless it says `extends: nothing`. */
export const defaultPolicyText = `# Plimsoll's default line: what holds without a policy file, and what a file with "extends: default" adds to.
version: 1
extends: nothing

rules:
  # No update makes malware acceptable, and no lack of one.
  - name: malware
    action: deny
    when: { kind: malware }

  # Attackers use it today, so a missing fix is no excuse.
  - name: known-exploited
    action: deny
    when: { exploited: true }

  # Can be mended by an update. Without a fix a refusal would only stop work.
  - name: critical-with-fix
    action: deny
    when: { severity: critical, fix: available }

  - name: high-with-fix
    action: warn
    when: { severity: high, fix: available }

  # Nobody has rated it yet: it may be critical.
  - name: unrated-with-fix
    action: warn
    when: { kind: vulnerability, severity: unknown, fix: available }

# What could not be found out.
unknown:
  unread-layer: deny              # anything may be in it
  unread-package-database: deny   # hides every package of the distribution at once
  unread-file: warn               # often a broken lock file in a test folder
  no-version: warn
  no-advisories: warn
  no-components: warn
  stale-advisories: warn
  starter-advisories: warn        # good enough to try Plimsoll on a laptop
  no-kev: warn                    # what attackers use today cannot be told apart
  no-epss: warn
  no-trust: deny                  # what must be signed may not be

# As long as the policy names no signers, nobody knows who made an image.
trust:
  unsigned: warn

# Where software enters or runs, findings that rest on no real data are no answer.
gates:
  ingress:
    unknown: { no-advisories: deny, stale-advisories: deny, starter-advisories: deny, no-kev: deny }
  admission:
    # Stale data stays a warning: a feed that is down must not keep a cluster from restarting what it ran yesterday.
    unknown: { no-advisories: deny, starter-advisories: deny }
  continuous:
    unknown: { no-advisories: deny, starter-advisories: deny }

data:
  maxAge: 7d
  ubuntuPro: false
`;

/** A file to begin with: the default line, and where to write what differs. */
export const newPolicyText = `# The line that this project's software is held against. Check it with: plimsoll policy check
# "plimsoll policy show" prints the default line, which holds as far as this file does not change it.
version: 1
extends: default

# rules:
#   - name: high-with-fix          # a rule of the default line: this changes its answer only
#     action: deny
#   - name: no-agpl
#     action: deny
#     when: { license: AGPL-* }
#     reason: Ask the legal department first.

# trust:
#   signers:
#     release: { key: keys/release.pub }
#   require:
#     - signature: { by: release }
#     - attestation: { type: vuln, by: release, maxAge: 24h }

# exceptions:
#   - vulnerability: CVE-2021-44228
#     component: pkg:maven/org.apache.logging.log4j/*
#     reason: Message lookups are switched off in our configuration.
#     until: 2026-12-31
`;
