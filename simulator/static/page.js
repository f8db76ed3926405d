// What every part of the page needs.
export const byId = (id) => document.getElementById(id);

// One question to the demo -> its answer; { error } when there is none.
export async function ask(path, value = {}) {
  try {
    const response = await fetch(`/${path}`, { method: "POST", body: JSON.stringify(value) });
    return await response.json();
  } catch (error) {
    return { error: String(error) };
  }
}
