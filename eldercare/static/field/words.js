// Every word comes from the page, in both languages, so that the choice works without a network.
const said = JSON.parse(document.getElementById("field-words").textContent);
const KEPT = "field-language";
let language = localStorage.getItem(KEPT) ?? (document.documentElement.lang.startsWith("zh") ? "zh" : "en");

const settle = () => (document.documentElement.lang = language === "zh" ? "zh-Hans-CN" : "en");
settle();

export const lang = () => language;
export function setLang(code) {
  language = code;
  localStorage.setItem(KEPT, code);
  settle();
}

// t("left", {n: 3}): {n} is replaced; a word that is missing shows its key, which a test would find
export const t = (key, given = {}) =>
  (said[language][key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in given ? String(given[name]) : whole));
export const has = (key) => key in said[language];

// {zh, en} or {how_zh, how_en} or a plain text
export function pick(row, prefix = "") {
  if (typeof row === "string" || row === null || row === undefined) return row ?? "";
  const name = prefix ? `${prefix}_` : "";
  return row[name + language] || row[`${name}zh`] || row[`${name}en`] || "";
}

export function day(value) {
  if (!value) return "\u2014";
  const [year, month, date] = value.slice(0, 10).split("-").map(Number);
  if (language === "zh") return t("day", { year, month, date });
  const name = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" }).format(new Date(Date.UTC(year, month - 1, 15))).slice(0, 3);
  return `${date} ${name} ${year}`;
}
