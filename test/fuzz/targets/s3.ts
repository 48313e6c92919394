import { errorIn, regionSaid } from '../../../packages/uploader/src/store/s3/answers.js'
import { parseXml } from '../../../packages/uploader/src/store/s3/xml.js'
import { bytesOf, mustHold, type Target } from '../target.js'

const error =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>It is &lt;gone&gt;.</Message><Region>eu-west-1</Region></Error>'
const list = `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated><NextContinuationToken>a+b==</NextContinuationToken>
<Contents><Key>a&amp;b</Key><ETag>"1"</ETag><Size>3</Size></Contents><Contents><Key><![CDATA[c]]></Key></Contents></ListBucketResult>`

export const s3: readonly Target[] = [
  {
    name: 's3',
    seeds: bytesOf(error, list),
    dictionary: [
      '<Error>',
      '</Error>',
      '<Code>',
      '<![CDATA[',
      ']]>',
      '<!DOCTYPE a [<!ENTITY b "c">]>',
      '&b;',
      '&#0;',
      '&#x10FFFF;',
      '<?x ?>',
      '<!-- -->',
      ' xmlns=""',
    ],
    read: (input) => {
      const text = input.toString('utf8')
      const said = errorIn(text)
      const region = regionSaid({ status: 400, headers: {}, error: said })
      mustHold(region === undefined || /^[a-z0-9-]{1,63}$/.test(region), 'a region to have the form of one')
      const root = parseXml(text)
      mustHold(said === undefined || root?.name === 'Error', 'an error to be the whole of a document')
      return root === undefined ? 'none' : `${root.name.slice(0, 5)} ${root.children.length} ${said?.code.slice(0, 9) ?? ''}`
    },
    refuses: () => false,
  },
]
