/** A character that no XML 1.0 document can have, in any form (section 2.2). */
export const outsideXml = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/
