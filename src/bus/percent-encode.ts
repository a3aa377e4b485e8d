/** Text as it stands in names of the bus: letters, digits and `-._~` (RFC 3986, section 2.3) stay, other UTF-8 bytes become `%XX`. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, encodeCharacter);
}

function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
