"""The outbox's flash over a folder: on a board littlefs or FAT, on a PC any file system."""

import os

from firmware.compat import ENOSPC, commit, commit_folder


class Flash:
    """Raises OSError as the file system does; what an append wrote before that may remain."""

    def __init__(self, folder):
        self.folder = folder

    def names(self):
        return os.listdir(self.folder)

    def read(self, name):
        with open(self._path(name), "rb") as file:
            return file.read()

    def append(self, name, data):
        new = name not in self.names()
        with open(self._path(name), "ab") as file:
            if file.write(data) != len(data):
                raise OSError(ENOSPC)
            commit(file)
        if new:
            commit_folder(self.folder)

    def remove(self, name):
        os.remove(self._path(name))

    def _path(self, name):
        return self.folder + "/" + name
