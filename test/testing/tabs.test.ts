/** What becomes of a module before it is shipped. */
import { expect, test } from 'vitest'
import { tabbed } from '../../build/tabs.ts'

const given = `// machines/x.ts
/*! a licence */
var a = () => {
  /** What it is. */
  return [
    /* @__PURE__ */ f(\`one
    two \${g(() => {
      return 1;
    })}
    three\`)
  ];
}, b = {
  /**
   * In two lines.
   */
  c: 1, /** beside */ d: " /** no comment */ "
};
`

test('it is indented with tabs, but for what stands in a text, and its comments are for tools', () => {
  const { text, lost } = tabbed('x.js', given)
  expect(text).toBe(`// machines/x.ts
/*! a licence */
var a = () => {
\t
\treturn [
\t\t/* @__PURE__ */ f(\`one
    two \${g(() => {
\t\t\treturn 1;
\t\t})}
    three\`)
\t];
}, b = {
\t


\tc: 1,               d: " /** no comment */ "
};
`)
  expect(lost.slice(0, 10)).toEqual([0, 0, 0, 1, 1, 2, 0, 3, 2, 0])
})

test('what is no module is told with its name', () => {
  expect(() => tabbed('dist/odd.js', 'var = 1')).toThrow(/^dist\/odd\.js: /)
})
