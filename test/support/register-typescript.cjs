// `node --require` this file to load `.ts` files, compiled as jest compiles them: with decorator metadata.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { transformSync } = require('@swc/core');
const options = require('./swc-options.json');

Module._extensions['.ts'] = (module, filename) => {
  const source = readFileSync(filename, 'utf8');
  const { code } = transformSync(source, { ...options, filename, sourceMaps: 'inline', swcrc: false });
  module._compile(code, filename);
};
