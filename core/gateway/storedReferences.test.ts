import { expect } from "chai";
import type { Operation } from "../domain/ledgerEntry";
import { CodedError } from "../errors/codedError";
import type { JsonBody } from "./body";
import { refuseStoredReferences } from "./storedReferences";

describe("references to what is stored at the provider", () => {
  const refused = (operation: Operation, text: string): CodedError | undefined => {
    const body: JsonBody = { kind: "json", raw: Buffer.from(text), json: JSON.parse(text) as JsonBody["json"], stream: false, includeUsage: false, textBytes: text.length, files: [] };
    try {
      refuseStoredReferences(operation, body);
      return undefined;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return error;
    }
  };

  const part = (inner: string) => `{"input":[{"role":"user","content":[{"type":"input_text","text":"x"},${inner}]}]}`;
  const refusals: [Operation, string, string][] = [
    ["responses", '{"input":[{"role":"user","content":"x"},{"type":"item_reference","id":"msg_1"}]}', "input[1]"],
    ["responses", '{"input":[{"id":"msg_1"}]}', "input[0]"],
    ["responses", '{"input":[{"id":"msg_1","type":null}]}', "input[0]"],
    ["responses", '{"input":[{"type":"item\\u005freference","id":"msg_1"}]}', "input[0]"],
    ["responses", '{"input":[{"type":"item_reference","id":"msg_1","type":"message"}]}', "type"],
    ["responses", '{"input":[{"type":"image_generation_call","id":"ig_1"}]}', "input[0]"],
    ["responses", part('{"type":"input_file","file_id":"file-1"}'), "input[0].content[1].file_id"],
    ["responses", part('{"type":"input_image","file_id":"file-1","file_id":null}'), "file_id"],
    ["responses", part('{"type":"input_image","\\u0066ile_id":"file-1"}'), "input[0].content[1].file_id"],
    ["responses", '{"input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_file","file_id":"file-1"}]}]}', "input[0].output[0].file_id"],
    ["responses", '{"prompt":{"id":"pmpt_1"},"input":"x"}', "prompt"],
    ["responses", '{"input":"x","tools":[{"type":"function","name":"f"},{"type":"file_search","vector_store_ids":["vs_1"]}]}', "tools[1].vector_store_ids"],
    ["responses", '{"input":"x","tools":[{"type":"code_interpreter","container":"cntr_1"}]}', "tools[0].container"],
    ["responses", '{"input":"x","tools":[{"type":"code_interpreter","container":{"type":"auto","file_ids":["file-1"]}}]}', "tools[0].container.file_ids"],
    ["responses", '{"input":"x","tools":[{"type":"shell","environment":{"type":"container_reference","container_id":"cntr_1"}}]}', "tools[0].environment.container_id"],
    ["responses", '{"input":"x","tools":[{"type":"image_generation","input_image_mask":{"file_id":"file-1"}}]}', "tools[0].input_image_mask.file_id"],
    ["chat", '{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]}', "messages[0].content[0].file.file_id"],
    ["messages", '{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"file_1"}}]}]}', "messages[0].content[0].source.file_id"],
    ["messages", '{"messages":[],"container":"cont_1"}', "container"],
    ["count_tokens", '{"messages":[{"role":"user","content":[{"type":"container_upload","file_id":"file_1"}]}]}', "messages[0].content[0].file_id"],
  ];
  for (const [operation, text, param] of refusals) {
    it(`W44: refuses ${text} of ${operation}`, () => {
      const error = refused(operation, text);
      expect(error).to.include({ code: "unsupported_parameter", status: 400, param });
      expect(error?.message).to.include(`'${param}'`);
    });
  }

  const passing: [what: string, Operation, string][] = [
    ["items with content of their own", "responses", '{"input":[{"type":"message","id":"msg_1","role":"assistant","content":[]},{"id":"msg_2","role":"user","content":"item_reference"}]}'],
    ["a reasoning of its own", "responses", '{"input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"item_reference"}]}'],
    ["a picture that is there", "responses", '{"input":[{"type":"image_generation_call","id":"ig_1","result":"AAAA"}]}'],
    ["a text as input", "responses", '{"input":"{\\"file_id\\":\\"file-1\\"} item_reference"}'],
    ["files that come with the call", "responses", part('{"type":"input_file","filename":"a","file_data":"AAAA","file_id":null}')],
    ["a container of the call's own", "responses", '{"input":"x","tools":[{"type":"code_interpreter","container":{"type":"auto","file_ids":[]}}]}'],
    ["a function with such a parameter", "responses", '{"input":"x","tools":[{"type":"function","parameters":{"properties":{"file_id":{"type":"string"}}}}]}'],
    ["what an answer quoted", "responses", part('{"type":"output_text","text":"x","annotations":[{"type":"container_file_citation","file_id":"cfile_1"}]}')],
    ["arguments of a tool", "messages", '{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","input":{"file_id":"mine"}}]}]}'],
    ["another protocol's words", "embeddings", '{"input":[{"type":"item_reference","id":"x"}],"prompt":{"id":"p"},"container":"c"}'],
    ["metadata", "chat", '{"messages":[],"metadata":{"file_id":"mine"},"container":"c","prompt":{"id":"p"}}'],
  ];
  for (const [what, operation, text] of passing) {
    it(`W44: lets ${what} of ${operation} pass`, () => expect(refused(operation, text)).to.equal(undefined));
  }
});
