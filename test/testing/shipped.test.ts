/** What becomes of a module before it is shipped. */
import { expect, test } from 'vitest'
import { shipped } from '../../build/shipped.ts'

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

test('it is not indented, but for what stands in a text, and its comments are for tools', () => {
  const { text, lost } = shipped('x.js', given)
  expect(text).toBe(`// machines/x.ts
/*! a licence */
var a = () => {

return [
/* @__PURE__ */ f(\`one
    two \${g(() => {
return 1;
})}
    three\`)
];
}, b = {



c: 1,               d: " /** no comment */ "
};
`)
  expect(lost.slice(0, 10)).toEqual([0, 0, 0, 2, 2, 4, 0, 6, 4, 0])
})

test('what is no module is told with its name', () => {
  expect(() => shipped('dist/odd.js', 'var = 1')).toThrow(/^dist\/odd\.js: /)
})
