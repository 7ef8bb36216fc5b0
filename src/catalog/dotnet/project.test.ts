import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { catalogFiles } from '../testing.ts';
import { dotnetProject } from './project.ts';

function found(files: Record<string, string>) {
  const { components, unread } = catalogFiles(dotnetProject, files);
  assert.deepEqual(unread, []);
  return components.map(({ id, scope }) => (scope === undefined ? id : `${id} ${scope}`));
}

const project = `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><V>1.0</V></PropertyGroup><ItemGroup>
  <PackageReference Include="Written" Version="1.2.3" />
  <PackageReference Include="Child"><Version>[2.0.0]</Version></PackageReference>
  <PackageReference Include="Range" Version="[1.0,2.0)" />
  <PackageReference Include="Floating" Version="1.*" />
  <PackageReference Include="Property" Version="$(V)" />
  <PackageReference Include="Tool" Version="3.0.0" PrivateAssets="All" />
  <PackageReference Include="Central" />
  <PackageReference Include="Overridden" VersionOverride="9.0.0" />
  <PackageReference Update="Changed" Version="1.0.0" />
  <ProjectReference Include="../other/other.csproj" /></ItemGroup></Project>`;
const written = [
  'pkg:nuget/Written@1.2.3',
  'pkg:nuget/Child@2.0.0',
  'pkg:nuget/Range',
  'pkg:nuget/Floating',
  'pkg:nuget/Property',
  'pkg:nuget/Tool@3.0.0 development',
];

test('a project gives the versions that are written out, and no others', () => {
  assert.deepEqual(found({ 'a/a.csproj': project }), [...written, 'pkg:nuget/Central', 'pkg:nuget/Overridden@9.0.0']);
});

test('what is taken into every project below is listed, too', () => {
  for (const name of ['Directory.Build.props', 'Directory.Build.targets'])
    assert.deepEqual(found({ [name]: project }), [...written, 'pkg:nuget/Central', 'pkg:nuget/Overridden@9.0.0'], name);
});

test('central versions come from the nearest folder above', () => {
  const central = (version: string) => `<Project><ItemGroup><PackageVersion Include="central" Version="${version}" />
    <PackageVersion Include="Unused" Version="1" /><GlobalPackageReference Include="Builds" Version="4.0.0" /></ItemGroup></Project>`;
  const files = {
    'Directory.Packages.props': central('1.0.0'),
    'src/Directory.Packages.props': central('2.0.0'),
    'src/a/a.fsproj': project,
    'other/Directory.Packages.props': central('3.0.0'),
  };
  const ids = found(files);
  assert.deepEqual(
    ids.filter((id) => /Central|central|Unused/.test(id)),
    ['pkg:nuget/Central@2.0.0'],
  );
  assert.equal(ids.filter((id) => id === 'pkg:nuget/Builds@4.0.0 development').length, 3);
});

test('a project with a lock file beside it is left to that', () => {
  assert.deepEqual(found({ 'a/a.csproj': project, 'a/packages.lock.json': '{}' }), []);
  assert.equal(found({ 'a/a.csproj': project, 'b/packages.lock.json': '{}' }).length, 8);
});

for (const text of ['<Project', 'no XML']) {
  test(`a file that holds ${text} is unread`, () => {
    const { components, unread } = catalogFiles(dotnetProject, { 'a.csproj': text });
    assert.deepEqual([components, unread.length], [[], 1]);
  });
}

test('whatever the file holds, nothing but a PlimsollError is thrown', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, more) => {
      catalogFiles(dotnetProject, {
        'a/a.csproj': `<Project><ItemGroup>${text}<PackageReference Include="${text}" Version="${more}"/></ItemGroup></Project>`,
        'a.csproj': more,
      });
    }),
  );
});
