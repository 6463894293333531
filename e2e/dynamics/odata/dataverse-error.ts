/**
 * An answer other than success of the Dataverse Web API: `{"error":{"code":"0x…","message":"…"}}`
 * (learn.microsoft.com, "Compose HTTP requests and handle errors").
 */
export class DataverseError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DataverseError";
    this.status = status;
    this.code = code;
  }
}

/** A query that Dataverse cannot read: 400. */
export function badQuery(message: string, options?: ErrorOptions): DataverseError {
  return new DataverseError(400, "0x80060888", message, options);
}

/**
 * A column that the table does not have: 400. The code really is `0x0`
 * (learn.microsoft.com, "Troubleshoot Dataverse Web API client errors").
 */
export function unknownProperty(name: string, logicalName: string): DataverseError {
  return new DataverseError(
    400,
    "0x0",
    `Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.${logicalName}'.`,
  );
}

/** A body that does not fit the table: 400 (learn.microsoft.com, "Troubleshoot Dataverse Web API client errors"). */
export function badPayload(set: string, why: string): DataverseError {
  const message = `Error identified in Payload provided by the user for Entity :'${set}', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : Microsoft.OData.ODataException: ${why}`;
  return new DataverseError(400, "0x80048d19", message);
}

/** A value that the platform's own checks refuse: 400. */
export function invalidArgument(message: string): DataverseError {
  return new DataverseError(400, "0x80040203", message);
}

/** A method that the resource does not have: 405. */
export function wrongMethod(method: string): DataverseError {
  return new DataverseError(405, "0x0", `The requested resource does not support http method '${method}'.`);
}

/** A path segment that is no entity set and no function: 404. */
export function unknownResource(segment: string): DataverseError {
  return new DataverseError(404, "0x8006088a", `Resource not found for the segment '${segment}'.`);
}

/** A row that is not there: 404. */
export function unknownRow(logicalName: string, id: string): DataverseError {
  return new DataverseError(404, "0x80040217", `Entity '${logicalName}' With Id = ${id} Does Not Exist`);
}

/** Something that Dataverse can do and this simulator cannot (yet): 501, so that nobody takes it for a refusal. */
export function notSimulated(what: string): DataverseError {
  return new DataverseError(501, "0x80060888", `the Dynamics simulator does not know ${what}`);
}
