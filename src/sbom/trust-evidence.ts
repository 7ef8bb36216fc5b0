/** What was verified about who signed an artifact and what they state of it. The policy says what of it is asked for. */
export interface TrustEvidence {
  /** Signatures of the image itself; no attestation is among them, whatever it states and whoever signed it. */
  readonly signatures: readonly SignatureEvidence[];
  readonly attestations: readonly AttestationEvidence[];
  /** What is attached and does not count, and why. */
  readonly unverified: readonly UnverifiedEvidence[];
}

/** A signer that the policy names. Who has several names there stands once under each, and counts once. */
export type SignerEvidence =
  | {
      readonly kind: 'key';
      /** The policy's name for it. */
      readonly name: string;
      /** SHA-256 over the key's SubjectPublicKeyInfo, base64, as in a bundle's key hint. */
      readonly fingerprint: string;
    }
  | { readonly kind: 'identity'; readonly name: string; readonly issuer: string; readonly identity: string };

interface Signed {
  readonly signer: SignerEvidence;
  /** The digest that is signed: the artifact's manifest, or the index that it was chosen from. */
  readonly subject: string;
  /** When it was signed at the latest, RFC 3339, as a transparency log or a timestamp authority proves. Absent: not proven. */
  readonly time?: string | undefined;
}

export interface SignatureEvidence extends Signed {
  readonly form: 'bundle' | 'legacy';
  readonly annotations: Readonly<Record<string, string>>;
}

export interface AttestationEvidence extends Signed {
  readonly predicateType: string;
  readonly facts: AttestationFacts;
}

/** What the predicate states, as far as the policy can ask for it. Absent: not stated. */
export interface AttestationFacts {
  /** When what it tells was found out, RFC 3339: the end of a scan or a build, the time of a verification or of a document. */
  readonly statedAt?: string | undefined;
  /** `scanner.uri` of a scan. */
  readonly scanner?: string | undefined;
  /** Id of the builder. */
  readonly builder?: string | undefined;
  /** Where the source lies, `https://github.com/acme/app`. */
  readonly sourceRepository?: string | undefined;
  /** The branch or tag in full: `refs/heads/main`. */
  readonly sourceRef?: string | undefined;
  /** SLSA build level that the builder is known for. */
  readonly buildLevel?: number | undefined;
  /** Of a verification summary (VSA): `verifier.id`. */
  readonly verifier?: string | undefined;
  readonly result?: 'PASSED' | 'FAILED' | undefined;
  /** `policy.uri`. */
  readonly policy?: string | undefined;
  /** `policy.digest`, `sha256:…`. */
  readonly policyDigest?: string | undefined;
  /** `SLSA_BUILD_LEVEL_3` and so on. */
  readonly verifiedLevels?: readonly string[] | undefined;
}

export interface UnverifiedEvidence {
  /** The tag or digest of what was found. */
  readonly source: string;
  readonly reason: string;
}
