/** One `import`, `export … from`, `import()` or `require()` of a file. */
export interface ImportOf {
  readonly specifier: string;
  readonly line: number;
  readonly form: 'names' | 're-export' | 'effects' | 'call';
}

const IMPORT_FORMS: readonly { readonly pattern: RegExp; readonly form: ImportOf['form'] }[] = [
  { pattern: /\bimport\b[^'"`;()=]*\bfrom\s*(['"])( *)\1/g, form: 'names' },
  { pattern: /\bexport\b[^'"`;()=]*\bfrom\s*(['"])( *)\1/g, form: 're-export' },
  { pattern: /\bimport\s*(['"])( *)\1/g, form: 'effects' },
  { pattern: /\b(?:import|require)\s*\(\s*(['"`])( *)\1/g, form: 'call' },
];

/** Also of types only, and `import('…')` in a type; a specifier that is computed is not seen. */
export function importsOf(text: string): ImportOf[] {
  const code = codeOf(text);
  return IMPORT_FORMS.flatMap(({ pattern, form }) =>
    [...code.matchAll(pattern)].map((match) => {
      const length = match[2]?.length ?? 0;
      const start = code.lastIndexOf(match[1] ?? '', match.index + match[0].length - 1) - length;
      return { specifier: text.slice(start, start + length), line: lineAt(text, start), form };
    }),
  ).sort((one, other) => one.line - other.line);
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`|[{}]|(?<=(?:^|[=(,:[!&|?;{}]|\breturn)\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//gm;
const TEMPLATE_PART = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*(`|\$\{|$)/y;

/** The text with blanks for comments and for what stands in strings; every place and line stays where it was. */
export function codeOf(text: string): string {
  let code = '';
  let end = 0;
  const openBraces: ('{' | '${')[] = [];
  const template = (from: number) => {
    TEMPLATE_PART.lastIndex = from;
    const part = TEMPLATE_PART.exec(text);
    const closing = part?.[1] ?? '';
    const body = part?.[0].slice(0, part[0].length - closing.length) ?? '';
    if (closing === '${') openBraces.push('${');
    code += blank(body) + closing;
    end = from + body.length + closing.length;
  };
  for (;;) {
    TOKEN.lastIndex = end;
    const match = TOKEN.exec(text);
    if (match === null) return code + text.slice(end);
    const [token] = match;
    code += text.slice(end, match.index);
    end = match.index + token.length;
    if (token === '`') {
      code += token;
      template(end);
    } else if (token === '{') {
      openBraces.push(token);
      code += token;
    } else if (token === '}') {
      code += token;
      if (openBraces.pop() === '${') template(end);
    } else if (token.startsWith("'") || token.startsWith('"')) {
      code += token.charAt(0) + blank(token.slice(1, -1)) + token.charAt(0);
    } else {
      code += blank(token);
    }
  }
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
