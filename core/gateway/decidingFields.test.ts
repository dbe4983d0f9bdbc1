import { expect } from "chai";
import type { Operation } from "../domain/ledgerEntry";
import { CodedError } from "../errors/codedError";
import { refuseUndecided } from "./decidingFields";

describe("fields that something is decided by", () => {
  const refused = (operation: Operation, text: string): CodedError | undefined => {
    try {
      refuseUndecided(operation, Buffer.from(text), JSON.parse(text) as Record<string, unknown>);
      return undefined;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return error;
    }
  };

  const twins: [Operation, string, string][] = [
    ["chat", '{"Max_Tokens":9}', "Max_Tokens"], ["chat", '{"model":"a","model":"b"}', "model"], ["chat", '{"n":1,"\\u006e":9}', "n"],
    ["responses", '{"Max_Output_Tokens":9}', "Max_Output_Tokens"], ["responses", '{"previous_response_id":"a","previous_response_id":null}', "previous_response_id"],
    ["responses", '{"Background":true}', "Background"], ["messages", '{"max_tokens":1,"max_tokens":9}', "max_tokens"], ["rerank", '{"MODEL":"a"}', "MODEL"],
  ];
  for (const [operation, text, param] of twins) {
    it(`W16: refuses ${text} of ${operation}`, () => expect(refused(operation, text)).to.include({ code: "unsupported_parameter", status: 400, param }));
  }

  for (const [name, value] of [["previous_response_id", "resp_1"], ["conversation", "conv_1"], ["conversation", { id: "conv_1" }], ["background", true], ["background", "true"]] as const) {
    it(`W51: refuses ${name} = ${JSON.stringify(value)} of responses, and names it`, () => {
      const error = refused("responses", JSON.stringify({ model: "m", input: "x", [name]: value }));
      expect(error).to.include({ code: "unsupported_parameter", status: 400, param: name });
      expect(error?.message).to.include(`'${name}'`);
    });
  }

  it("W51: lets them pass where they say nothing, and store as it is", () => {
    expect(refused("responses", '{"model":"m","previous_response_id":null,"conversation":null,"background":false,"store":true}')).to.equal(undefined);
    expect(refused("chat", '{"model":"m","conversation":"c","messages":[{"previous_response_id":1}]}')).to.equal(undefined);
  });
});
