// Every word of the page, in one table: English and German.
export const LABELS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];

const TEXT = {
  en: {
    angry: "angry", disgust: "disgusted", fear: "afraid", happy: "happy", sad: "sad", surprise: "surprised",
    neutral: "neutral", none: "nobody there", glimpse: "{0} for a moment", off: "sensing is off", senseless: "cannot sense", unheard: "nobody speaks", noPicture: "the camera gives no picture", noSound: "the microphone gives no sound", unsure: "not sure", maybe: "perhaps {0}",
    sure: "{0} % sure", since: "for {0}", source_face: "from the face", source_speech: "from the voice",
    source_fused: "from face and voice", face: "face", speech: "voice", fused: "both", steady: "steadied",
    person: "person {0}", people0: "nobody in the picture", people1: "1 person", people: "{0} people",
    left: "left", middle: "middle", right: "right", unjudged: "cannot be judged", speaking: "somebody speaks",
    camera: "Camera", microphone: "Microphone", actions: "Actions", on: "on", offWord: "off",
    probabilities: "Probabilities", emotion: "Emotion", timeline: "Mood of the last 15 minutes", ago: "{0} min", now: "now", perSecond: "{0} /s",
    health: "Health", ok: "All is well.", degraded: "Something needs attention.", error: "Something is broken.",
    engines: "Models", sense: "Sense", model: "Model", runtime: "Runtime", rate: "Rate", latency: "Latency",
    noticeTitle: "What is sensed here",
    noticeBoth: "A camera and a microphone sense the mood of this room.", noticeCamera: "A camera senses the mood of this room.",
    noticeMicrophone: "A microphone senses the mood of this room.", noticeNone: "Camera and microphone are closed.",
    roomBoth: "{0}: camera and microphone.", roomCamera: "{0}: a camera.", roomMicrophone: "{0}: a microphone.", roomNone: "{0}: closed.",
    noticeKept: "No picture and no sound is stored or leaves this device.",
    historyKept: "Moods and numbers of people are kept for {0}.", historyNone: "The page remembers 15 minutes of moods, in memory only.",
    erase: "Erase the history", erased: "The history is erased.", eraseAsk: "Erase all that is kept of moods here?",
    week: "The last seven days", weekDays: "Mon Tue Wed Thu Fri Sat Sun", weekLongest: "Longest: {0}", weekChanged: "Against the week before: {0}",
    weekEmpty: "Nothing is kept of these days yet.",
    acknowledge: "Noticed", notice: "Notice", warning: "Warning", critical: "Alarm",
    live: "live", stale: "no news for {0}", connecting: "connecting …", theme: "Light or dark", language: "Deutsch",
    fullscreen: "Full screen", awake: "This screen may go dark: a browser keeps it on only over HTTPS or on this machine.",
    loginTitle: "This page asks for a token", loginHint: "It stands in the file that kiosk.view_token_file names, or kiosk.steer_token_file for switching.", token: "Token", enter: "Enter", wrong: "That token is not accepted.",
    refused: "That is not allowed with this token.", failed: "That did not work: {0}", skip: "Skip to the rooms",
    aim: "Aim the camera", aimNote: "Drawn from numbers alone: no picture leaves the camera.", seconds: "{0} s", minutes: "{0} min",
    hours: "{0} h", days: "{0} days", closedBy: "closed: {0}", rooms: "rooms", page: "page", moodNow: "Mood now",
    valence: "Pleasant (−1 to 1)", arousal: "Excited (−1 to 1)", entropy: "Doubt", quality: "Quality of the reading", bits: "{0} % ({1} bits)",
    settings: "Settings", settingsNote: "They count before the configuration file, which stays as it is, and outlast a restart.",
    settingsOf: "Of", allRooms: "all rooms", resetRoom: "As for all rooms", fromAll: "as for all rooms",
    reset: "Everything as in the file", fromFile: "as in the file", ownSetting: "set here; the file says {0}", notStored: "Counts now, but is not stored: {0}",
    set_sensitivity: "Sensitivity (50: as in the file)", set_profile: "Profile of the actions", set_rule: "How face and voice become one",
    set_people: "Whose face makes the mood", set_half_life: "Half-life in seconds (more is calmer)", set_face_model: "Model for faces",
    set_speech_model: "Model for voices", choice_none: "none", choice_all: "everybody's", choice_subject: "the most prominent", choice_strongest: "the most expressive",
  },
  de: {
    angry: "wütend", disgust: "angewidert", fear: "ängstlich", happy: "fröhlich", sad: "traurig", surprise: "überrascht",
    neutral: "neutral", none: "niemand da", glimpse: "kurz {0}", off: "nichts wird wahrgenommen", senseless: "nimmt nichts wahr", unheard: "niemand spricht", noPicture: "die Kamera liefert kein Bild", noSound: "das Mikrofon liefert keinen Ton", unsure: "nicht sicher", maybe: "vielleicht {0}",
    sure: "zu {0} % sicher", since: "seit {0}", source_face: "aus dem Gesicht", source_speech: "aus der Stimme",
    source_fused: "aus Gesicht und Stimme", face: "Gesicht", speech: "Stimme", fused: "beide", steady: "geglättet",
    person: "Person {0}", people0: "niemand im Bild", people1: "1 Person", people: "{0} Personen",
    left: "links", middle: "Mitte", right: "rechts", unjudged: "nicht zu beurteilen", speaking: "jemand spricht",
    camera: "Kamera", microphone: "Mikrofon", actions: "Aktionen", on: "an", offWord: "aus",
    probabilities: "Wahrscheinlichkeiten", emotion: "Gefühl", timeline: "Stimmung der letzten 15 Minuten", ago: "{0} min", now: "jetzt", perSecond: "{0} /s",
    health: "Zustand", ok: "Alles in Ordnung.", degraded: "Etwas braucht Aufmerksamkeit.", error: "Etwas ist kaputt.",
    engines: "Modelle", sense: "Sinn", model: "Modell", runtime: "Laufzeit", rate: "Takt", latency: "Latenz",
    noticeTitle: "Was hier wahrgenommen wird",
    noticeBoth: "Kamera und Mikrofon nehmen die Stimmung dieses Raums wahr.", noticeCamera: "Eine Kamera nimmt die Stimmung dieses Raums wahr.",
    noticeMicrophone: "Ein Mikrofon nimmt die Stimmung dieses Raums wahr.", noticeNone: "Kamera und Mikrofon sind geschlossen.",
    roomBoth: "{0}: Kamera und Mikrofon.", roomCamera: "{0}: eine Kamera.", roomMicrophone: "{0}: ein Mikrofon.", roomNone: "{0}: geschlossen.",
    noticeKept: "Kein Bild und kein Ton wird gespeichert oder verlässt dieses Gerät.",
    historyKept: "Stimmungen und Personenzahlen werden {0} aufbewahrt.", historyNone: "Die Seite merkt sich 15 Minuten Stimmungen, nur im Speicher.",
    erase: "Verlauf löschen", erased: "Der Verlauf ist gelöscht.", eraseAsk: "Alles löschen, was hier an Stimmungen aufbewahrt ist?",
    week: "Die letzten sieben Tage", weekDays: "Mo Di Mi Do Fr Sa So", weekLongest: "Am längsten: {0}", weekChanged: "Gegenüber der Woche davor: {0}",
    weekEmpty: "Von diesen Tagen ist noch nichts aufbewahrt.",
    acknowledge: "Bemerkt", notice: "Hinweis", warning: "Warnung", critical: "Alarm",
    live: "live", stale: "seit {0} nichts Neues", connecting: "verbinde …", theme: "Hell oder dunkel", language: "English",
    fullscreen: "Vollbild", awake: "Dieser Bildschirm kann dunkel werden: wach hält ihn ein Browser nur über HTTPS oder auf diesem Gerät.",
    loginTitle: "Diese Seite verlangt ein Token", loginHint: "Es steht in der Datei, die kiosk.view_token_file nennt, zum Schalten in der von kiosk.steer_token_file.", token: "Token", enter: "Öffnen", wrong: "Dieses Token gilt hier nicht.",
    refused: "Das ist mit diesem Token nicht erlaubt.", failed: "Das ging nicht: {0}", skip: "Zu den Räumen springen",
    aim: "Kamera ausrichten", aimNote: "Nur aus Zahlen gezeichnet: kein Bild verlässt die Kamera.", seconds: "{0} s", minutes: "{0} min",
    hours: "{0} h", days: "{0} Tage", closedBy: "geschlossen: {0}", rooms: "Räume", page: "Seite", moodNow: "Stimmung jetzt",
    valence: "Angenehm (−1 bis 1)", arousal: "Erregt (−1 bis 1)", entropy: "Zweifel", quality: "Güte der Messung", bits: "{0} % ({1} Bit)",
    settings: "Einstellungen", settingsNote: "Sie gelten vor der Konfigurationsdatei, die bleibt, wie sie ist, und überstehen einen Neustart.",
    settingsOf: "Für", allRooms: "alle Räume", resetRoom: "Wie für alle Räume", fromAll: "wie für alle Räume",
    reset: "Alles wie in der Datei", fromFile: "wie in der Datei", ownSetting: "hier gesetzt; in der Datei steht {0}", notStored: "Gilt jetzt, ist aber nicht gespeichert: {0}",
    set_sensitivity: "Empfindlichkeit (50: wie in der Datei)", set_profile: "Profil der Aktionen", set_rule: "Wie Gesicht und Stimme eins werden",
    set_people: "Wessen Gesicht die Stimmung macht", set_half_life: "Halbwertszeit in Sekunden (mehr ist ruhiger)", set_face_model: "Modell für Gesichter",
    set_speech_model: "Modell für Stimmen", choice_none: "keines", choice_all: "alle", choice_subject: "das auffälligste", choice_strongest: "das ausdrucksvollste",
  },
};

const asked = new URLSearchParams(location.search).get("lang");
let language = asked || localStorage.getItem("language") || (navigator.language.startsWith("de") ? "de" : "en");
if (!(language in TEXT)) language = "en";

/** The words of a key, with {0} filled in. */
export function t(key, ...values) {
  const words = TEXT[language][key] ?? TEXT.en[key] ?? key;
  return values.reduce((text, value, index) => text.replace(`{${index}}`, value), words);
}

/** The other language from now on. */
export function switchLanguage() {
  language = language === "en" ? "de" : "en";
  localStorage.setItem("language", language);
  fillIn();
}

/** Put the words into everything that has data-text. */
export function fillIn(root = document) {
  document.documentElement.lang = language;
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  const other = document.getElementById("language");
  other.textContent = t("language");
  other.lang = language === "en" ? "de" : "en";
}

/** A number as it is written in the language. */
export function number(value, digits) {
  return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Seconds as words of one unit. */
export function span(seconds) {
  if (seconds < 90) return t("seconds", Math.max(0, Math.round(seconds)));
  if (seconds < 5400) return t("minutes", Math.round(seconds / 60));
  if (seconds < 172800) return t("hours", Math.round(seconds / 3600));
  return t("days", Math.round(seconds / 86400));
}
