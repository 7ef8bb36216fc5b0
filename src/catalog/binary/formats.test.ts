import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../../error.ts';
import type { CatalogFile } from '../cataloger.ts';
import { contentOf } from '../content.ts';
import { bytesAt, mappedAt, sectionNamed } from './executable.ts';
import { executablesIn } from './formats.ts';
import { elfFile, fatFile, machOFile, type Part, peFile } from './testing-binary.ts';

const fileOf = (bytes: Uint8Array): CatalogFile => ({ path: 'bin/x', content: contentOf([bytes]), unread: () => {} });

const parts: readonly Part[] = [
  { name: '.first', data: Buffer.from('one'), address: 0x500000 },
  { name: '.second', data: Buffer.from('second part'), address: 0x600010, size: 64 },
];
const builds = [
  { wide: false, bigEndian: false },
  { wide: false, bigEndian: true },
  { wide: true, bigEndian: false },
  { wide: true, bigEndian: true },
];
const samples: readonly (readonly [string, Buffer])[] = [
  ...builds.map((build) => [`ELF ${JSON.stringify(build)}`, elfFile(build, parts)] as const),
  ...builds.map((build) => [`Mach-O ${JSON.stringify(build)}`, machOFile(build, parts)] as const),
  ...[false, true].map((wide) => [`PE ${wide ? '32+' : '32'}`, peFile(wide, parts)] as const),
];

describe('executables', () => {
  for (const [title, bytes] of samples) {
    it(`finds sections, addresses and the writable data of ${title}`, () => {
      const file = fileOf(bytes);
      const [executable, ...others] = executablesIn(file);
      assert.ok(executable !== undefined && others.length === 0);
      const section = sectionNamed(executable, '.second');
      assert.ok(section !== undefined);
      assert.equal(file.content.slice(section.offset, section.offset + section.fileSize).toString(), 'second part');
      assert.equal(section.address, 0x600010);
      assert.equal(sectionNamed(executable, '.third'), undefined);
      assert.equal(executable.data?.address, 0x500000);
      assert.equal(bytesAt(file.content, executable, 0x600010 + 7, 100).toString(), 'part', 'not beyond the segment');
      assert.equal(mappedAt(executable, 0x600010 + 11), undefined, 'memory that the file has no bytes for');
      assert.equal(mappedAt(executable, 0x4fffff), undefined);
    });

    it(`refuses ${title} that ends within its headers`, () => {
      const cut = fileOf(bytes.subarray(0, title.startsWith('PE') ? 200 : 40));
      assert.throws(() => executablesIn(cut), { name: 'PlimsollError', code: 'catalog/malformed-file' });
    });
  }

  for (const wide of [false, true]) {
    it(`finds every architecture of a fat file with ${wide ? '64' : '32'}-bit offsets`, () => {
      const [a = parts[0], b = parts[1]] = parts;
      assert.ok(a !== undefined && b !== undefined);
      const file = fileOf(
        fatFile(wide, [
          machOFile({ wide: true, bigEndian: false }, [a]),
          machOFile({ wide: false, bigEndian: true }, [b]),
        ]),
      );
      const found = executablesIn(file).map((executable) => {
        const [section] = executable.sections;
        assert.ok(section !== undefined);
        assert.deepEqual(
          bytesAt(file.content, executable, section.address, 3),
          file.content.slice(section.offset, section.offset + 3),
        );
        return section.name;
      });
      assert.deepEqual(found, ['.first', '.second']);
    });
  }

  it('maps addresses without section headers, as in programs that were stripped of them', () => {
    const file = fileOf(elfFile({ wide: true, bigEndian: false }, parts, { stripped: true }));
    const [executable] = executablesIn(file);
    assert.ok(executable !== undefined);
    assert.deepEqual(executable.sections, []);
    assert.equal(bytesAt(file.content, executable, 0x500000, 3).toString(), 'one');
  });

  const nothing: readonly (readonly [string, Buffer])[] = [
    ['an ELF object file', elfFile({ wide: true, bigEndian: false }, parts, { type: 1 })],
    ['an ELF core dump', elfFile({ wide: true, bigEndian: false }, parts, { type: 4 })],
    ['a Mach-O object file', machOFile({ wide: true, bigEndian: false }, parts, 1)],
    ['a program for DOS', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)])],
    ['a text that begins with MZ', Buffer.from('MZ is where it begins')],
    ['a Java class', Buffer.from('cafebabe0000003400000000', 'hex')],
    ['a fat file of archives', fatFile(false, [Buffer.from('!<arch>\n')])],
    ['anything else', Buffer.from('#!/bin/sh\nexit 0\n')],
  ];
  for (const [title, bytes] of nothing) {
    it(`sees no program in ${title}`, () => assert.deepEqual(executablesIn(fileOf(bytes)), []));
  }

  it('refuses headers that promise more than is read or than there is', () => {
    const elf = elfFile({ wide: true, bigEndian: false }, parts);
    const manySections = Buffer.from(elf);
    manySections.writeUInt16LE(0, 60);
    manySections.writeBigUInt64LE(2n ** 40n, Number(elf.readBigUInt64LE(40)) + 32);
    const shortSteps = Buffer.from(elf);
    shortSteps.writeUInt16LE(1, 54);
    const endless = machOFile({ wide: true, bigEndian: false }, parts);
    endless.writeUInt32LE(0, 36);
    const hugeCommands = machOFile({ wide: true, bigEndian: false }, parts);
    hugeCommands.writeUInt32LE(0xffffffff, 20);
    for (const bytes of [manySections, shortSteps, endless, hugeCommands]) {
      assert.throws(() => executablesIn(fileOf(bytes)), { name: 'PlimsollError', code: 'catalog/malformed-file' });
    }
  });

  it('throws nothing but a PlimsollError, whatever was changed in a program', () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(...samples.map(([, bytes]) => bytes)),
        fc.array(fc.tuple(fc.nat(400), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), { maxLength: 12 }),
        fc.nat(2000),
      )
      .map(([bytes, changes, length]) => {
        const copy = Buffer.from(bytes.subarray(0, Math.max(length, 8)));
        for (const [at, value] of changes) if (at >= 4 && at < copy.length) copy[at] = value;
        return copy;
      });
    fc.assert(
      fc.property(damaged, (bytes) => {
        const file = fileOf(bytes);
        try {
          for (const executable of executablesIn(file)) {
            for (const { address } of executable.sections) bytesAt(file.content, executable, address, 64);
          }
        } catch (thrown) {
          assert.ok(thrown instanceof PlimsollError, String(thrown));
        }
      }),
      { numRuns: 500 },
    );
  });
});
