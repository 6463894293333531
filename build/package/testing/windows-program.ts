/** A Windows program of our own making, for tests where Electron for Windows cannot be had. */
const FILE_ALIGNMENT = 0x200;
const SECTION_ALIGNMENT = 0x1000;
const DOS_BYTES = 0x80;
const OPTIONAL_HEADER_BYTES = 240;
const RESOURCES = 2;

/**
 * What tools see of Electron's program: a 64-bit one with version information in one language, with a fuse wire, all of
 * its fuses off. It runs: it ends at once with a code.
 *
 * @param fuseCount - how many it has.
 */
export function windowsProgram(exitCode: number, fuseCount: number): Buffer {
  // mov eax, exitCode; ret
  const code = Buffer.from([0xb8, 0, 0, 0, 0, 0xc3]);
  code.writeUInt32LE(exitCode, 1);
  const fuses = Buffer.concat([
    Buffer.from("dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX"),
    Buffer.from([1, fuseCount]),
    Buffer.alloc(fuseCount, "0"),
  ]);
  const address = (index: number) => SECTION_ALIGNMENT * (index + 1);
  const sections = [
    { name: ".text", content: code, flags: 0x60000020 },
    { name: ".rdata", content: fuses, flags: 0x40000040 },
    { name: ".rsrc", content: versionResource(address(2)), flags: 0x40000040 },
  ];
  const table = sections.map(({ name, content, flags }, index) => {
    const row = Buffer.alloc(40);
    row.write(name, 0);
    row.writeUInt32LE(content.length, 8);
    row.writeUInt32LE(address(index), 12);
    row.writeUInt32LE(FILE_ALIGNMENT, 16);
    row.writeUInt32LE(FILE_ALIGNMENT * (index + 1), 20);
    row.writeUInt32LE(flags, 36);
    return row;
  });
  const header = padded(
    Buffer.concat([
      dosHeader(),
      peHeader(sections.length, address(sections.length), sections[RESOURCES]?.content.length ?? 0),
      ...table,
    ]),
  );
  return Buffer.concat([header, ...sections.map(({ content }) => padded(content))]);
}

function padded(part: Buffer): Buffer {
  if (part.length > FILE_ALIGNMENT) throw new RangeError(`a part has ${part.length} bytes`);
  return Buffer.concat([part, Buffer.alloc(FILE_ALIGNMENT - part.length)]);
}

function dosHeader(): Buffer {
  const header = Buffer.alloc(DOS_BYTES);
  header.write("MZ");
  header.writeUInt32LE(DOS_BYTES, 0x3c);
  return header;
}

function peHeader(sectionCount: number, imageBytes: number, resourceBytes: number): Buffer {
  const file = Buffer.alloc(24);
  file.write("PE\0\0");
  file.writeUInt16LE(0x8664, 4); // x64
  file.writeUInt16LE(sectionCount, 6);
  file.writeUInt16LE(OPTIONAL_HEADER_BYTES, 20);
  file.writeUInt16LE(0x22, 22); // a program, large addresses
  const optional = Buffer.alloc(OPTIONAL_HEADER_BYTES);
  optional.writeUInt16LE(0x20b, 0); // PE32+
  optional.writeUInt32LE(FILE_ALIGNMENT, 4);
  optional.writeUInt32LE(2 * FILE_ALIGNMENT, 8);
  optional.writeUInt32LE(SECTION_ALIGNMENT, 16); // starts at .text
  optional.writeUInt32LE(SECTION_ALIGNMENT, 20);
  optional.writeBigUInt64LE(0x140000000n, 24);
  optional.writeUInt32LE(SECTION_ALIGNMENT, 32);
  optional.writeUInt32LE(FILE_ALIGNMENT, 36);
  optional.writeUInt16LE(6, 40); // Windows Vista
  optional.writeUInt16LE(6, 48);
  optional.writeUInt32LE(imageBytes, 56);
  optional.writeUInt32LE(FILE_ALIGNMENT, 60);
  optional.writeUInt16LE(3, 68); // of the console
  for (const at of [72, 80, 88, 96]) optional.writeBigUInt64LE(0x100000n, at); // stack and heap
  optional.writeUInt32LE(16, 108);
  optional.writeUInt32LE(SECTION_ALIGNMENT * (RESOURCES + 1), 112 + 8 * RESOURCES);
  optional.writeUInt32LE(resourceBytes, 116 + 8 * RESOURCES);
  return Buffer.concat([file, optional]);
}

/** The resources of a program: its version information (16), number 1, in American English (0x409). */
function versionResource(address: number): Buffer {
  const directoryBytes = 24;
  const directories = [16, 1, 0x409].map((id, level) => {
    const directory = Buffer.alloc(directoryBytes);
    directory.writeUInt16LE(1, 14);
    directory.writeUInt32LE(id, 16);
    const next = directoryBytes * (level + 1);
    // All but the last lead to another directory.
    directory.writeUInt32LE(level < 2 ? next + 0x80000000 : next, 20);
    return directory;
  });
  const info = versionInformation();
  const leaf = Buffer.alloc(16);
  leaf.writeUInt32LE(address + directoryBytes * 3 + leaf.length, 0);
  leaf.writeUInt32LE(info.length, 4);
  return Buffer.concat([...directories, leaf, info]);
}

function versionInformation(): Buffer {
  const fixed = Buffer.alloc(52);
  fixed.writeUInt32LE(0xfeef04bd, 0);
  fixed.writeUInt32LE(0x10000, 4);
  const name = block("ProductName", { text: "Electron" });
  const strings = block("StringFileInfo", { children: [block("040904b0", { children: [name] })] });
  const translation = Buffer.from([0x09, 0x04, 0xb0, 0x04]);
  const variables = block("VarFileInfo", { children: [block("Translation", { value: translation })] });
  return block("VS_VERSION_INFO", { value: fixed, children: [strings, variables] });
}

interface BlockContent {
  value?: Buffer;
  text?: string;
  children?: readonly Buffer[];
}

/** A block of version information: sizes, its key, a value, blocks within it; each begins at a multiple of 4. */
function block(key: string, { value, text, children = [] }: BlockContent): Buffer {
  const content = text === undefined ? (value ?? Buffer.alloc(0)) : Buffer.from(`${text}\0`, "utf16le");
  const head = Buffer.alloc(6);
  head.writeUInt16LE(text === undefined ? content.length : content.length / 2, 2);
  head.writeUInt16LE(value === undefined ? 1 : 0, 4);
  const parts = [aligned(Buffer.concat([head, Buffer.from(`${key}\0`, "utf16le")])), content, ...children];
  const whole = parts.reduce((before, part) => Buffer.concat([aligned(before), part]), Buffer.alloc(0));
  whole.writeUInt16LE(whole.length, 0);
  return whole;
}

function aligned(part: Buffer): Buffer {
  return Buffer.concat([part, Buffer.alloc(-part.length & 3)]);
}
